import type { Client } from "@connectrpc/connect";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { type Problem, toProblem } from "@/api/problem";
import type { TerminalEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import type { TerminalService } from "@/gen/carrel/ide/v1/terminal_service_pb";
import { KeyQueue } from "./key-queue";
import { TerminalFeed } from "./terminal-feed";
import { terminalTheme } from "./terminal-theme";

export type TerminalPhase =
  | { readonly kind: "opening" }
  | { readonly kind: "open" }
  | { readonly kind: "ended"; readonly message: string }
  | { readonly kind: "failed"; readonly problem: Problem };

const RESIZE_PAUSE_MS = 120;

/**
 * TerminalSession joins one xterm on the page with the lesson's terminal behind the server. Output is ordered by byte
 * offsets, so a reload, a hole in the events or a second screen only lead to a replay.
 */
export class TerminalSession {
  private readonly terminal: Terminal;
  private readonly fitAddon = new FitAddon();
  private readonly feed = new TerminalFeed();
  private readonly encoder = new TextEncoder();
  private id = "";
  private keys: KeyQueue | undefined;
  private replaying: Promise<void> | undefined;
  private resizeTimer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;

  constructor(
    private readonly client: Client<typeof TerminalService>,
    private readonly lessonId: string,
    private readonly host: HTMLElement,
    label: string,
    private readonly onPhase: (phase: TerminalPhase) => void,
  ) {
    const style = getComputedStyle(host);
    this.terminal = new Terminal({
      fontFamily: style.getPropertyValue("--font-code"),
      fontSize: Number.parseInt(style.getPropertyValue("--text-code"), 10) || 13,
      lineHeight: 1.3,
      cursorStyle: "bar",
      cursorWidth: 2,
      scrollback: 5000,
      screenReaderMode: true,
      theme: terminalTheme(host),
    });
    this.terminal.loadAddon(this.fitAddon);
    this.terminal.open(host);
    this.terminal.textarea?.setAttribute("aria-label", label);
    this.terminal.onData((text) => this.keys?.type(this.encoder.encode(text)));
    this.terminal.onBinary((text) => this.keys?.type(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    this.fit();
  }

  /** Opens the lesson's terminal, or joins it when it is open already. */
  async open(): Promise<void> {
    this.onPhase({ kind: "opening" });
    const { rows, cols: columns } = this.terminal;
    try {
      const opened = await this.client.openTerminal({ lessonId: this.lessonId, rows, columns, reuse: true });
      if (this.disposed) return;
      this.id = opened.terminalId;
      this.keys = new KeyQueue(
        opened.seq,
        async (seq, data) => {
          await this.client.writeTerminal({ terminalId: this.id, seq, data });
        },
        () => this.onPhase({ kind: "ended", message: "" }),
      );
      this.onPhase({ kind: "open" });
      this.sendSize();
      if (opened.offset > 0n) await this.replay();
    } catch (error) {
      if (!this.disposed) this.onPhase({ kind: "failed", problem: toProblem(error) });
    }
  }

  onEvent(event: TerminalEvent): void {
    if (this.id === "" || event.terminalId !== this.id) return;
    if (event.data.length > 0) {
      const step = this.feed.accept(event.offset, event.data);
      if (step.kind === "print") this.terminal.write(step.data);
      else if (step.kind === "replay") void this.replay();
    }
    if (event.ended) {
      this.keys?.stop();
      this.onPhase({ kind: "ended", message: event.message });
    }
  }

  /** Fits the terminal into its place and tells the shell its size, after a pause. */
  fit(): void {
    if (this.host.clientHeight === 0) return;
    this.fitAddon.fit();
    clearTimeout(this.resizeTimer);
    this.resizeTimer = setTimeout(() => this.sendSize(), RESIZE_PAUSE_MS);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** Takes the colours of the page's theme again. */
  retheme(): void {
    this.terminal.options.theme = terminalTheme(this.host);
  }

  /** Leaves the page; the shell goes on and can be joined again. */
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.resizeTimer);
    this.keys?.stop();
    this.terminal.dispose();
  }

  private sendSize(): void {
    if (this.id === "" || this.disposed) return;
    const { rows, cols: columns } = this.terminal;
    this.client.resizeTerminal({ terminalId: this.id, rows, columns }).catch(() => undefined);
  }

  private replay(): Promise<void> {
    this.replaying ??= this.fetchMissing().finally(() => {
      this.replaying = undefined;
    });
    return this.replaying;
  }

  /** Asks until nothing more comes: one answer is bounded, and output may go on meanwhile. */
  private async fetchMissing(): Promise<void> {
    for (;;) {
      const answer = await this.client
        .replayTerminal({ terminalId: this.id, offset: this.feed.next })
        .catch(() => undefined);
      if (!answer || answer.data.length === 0 || this.disposed) return;
      const step = this.feed.acceptReplay(answer.offset, answer.data);
      if (step.kind !== "print") return;
      this.terminal.write(step.data);
    }
  }
}
