import { saveAt } from "./autosave";
import { type BufferPhase, type BufferView, sameView, type Theirs } from "./buffer-view";
import type { Disk, DiskFile, DraftShelf, Problem } from "./disk";

const RETRY_MS = 2000;
/** The base of a file that is to be made again. */
const NOTHING = { text: "", digest: "" };

/**
 * Buffer keeps one open file in step with the disk. It never loses typing: the disk is only replaced when it still
 * holds what the buffer is based on, and the buffer is only replaced when everything in it is on disk.
 */
export class Buffer {
  private text: string;
  private base: DiskFile;
  private phase: BufferPhase = "clean";
  private theirs: Theirs | undefined;
  private problem: Problem | undefined;
  private replaced = 0;
  private firstUnsavedAt: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private writing: Promise<void> | undefined;
  private writes = 0;
  private closed = false;
  private picture: BufferView;

  constructor(
    readonly path: string,
    file: DiskFile,
    private readonly disk: Disk,
    private readonly shelf: DraftShelf,
    private readonly onChange: () => void,
  ) {
    this.base = file;
    this.text = file.text;
    this.picture = this.draw();
    this.restoreDraft();
  }

  /** The same object until something the screen shows has changed. */
  view(): BufferView {
    return this.picture;
  }

  currentText(): string {
    return this.text;
  }

  /** Takes what was typed and saves it at most 500 ms later. */
  edit(text: string): void {
    if (!this.base.editable || text === this.text) return;
    this.text = text;
    const now = Date.now();
    this.firstUnsavedAt ??= now;
    if (this.phase === "clean") this.phase = "dirty";
    // A full disk is asked again every two seconds, not on every key.
    if (this.phase !== "failed") this.schedule(saveAt(this.firstUnsavedAt, now) - now);
    this.changed();
  }

  /** Saves everything typed before the call. Resolves to false when it could not be written. */
  async flush(): Promise<boolean> {
    this.unschedule();
    while (this.writing) await this.writing;
    if (this.isDirty() && this.phase !== "conflict") await this.startWriting();
    return this.phase !== "failed" && this.phase !== "conflict";
  }

  /** Puts unsaved typing on the shelf. Synchronous, for `pagehide`. */
  shelve(): void {
    if (this.isDirty()) this.shelf.put(this.path, { text: this.text, baseDigest: this.base.digest });
  }

  /** Looks at the disk after news that the file changed. */
  async examine(): Promise<void> {
    while (this.writing) await this.writing;
    const writesBefore = this.writes;
    const result = await this.disk.read(this.path);
    if (this.closed || result.kind === "failed") return;
    if (this.writing || this.writes !== writesBefore) return this.examine();
    this.reconcile(result.kind === "file" ? result.file : "deleted");
  }

  /** Ends a conflict with the buffer's text. */
  async keepMine(): Promise<boolean> {
    if (!this.theirs) return this.flush();
    const { text, digest } = this.theirs === "deleted" ? NOTHING : this.theirs;
    this.base = { ...this.base, text, digest };
    this.settle("dirty");
    return this.flush();
  }

  /** Ends a conflict with the text on disk. The editor's undo brings the other one back. */
  takeTheirs(): void {
    if (this.theirs && this.theirs !== "deleted") this.adopt(this.theirs);
  }

  /** Shows new content of the disk that the person asked for (reset). */
  adopt(file: DiskFile): void {
    this.base = file;
    this.text = file.text;
    this.replaced += 1;
    this.shelf.drop(this.path);
    this.settle("clean");
  }

  close(): void {
    this.unschedule();
    this.shelve();
    this.closed = true;
  }

  private isDirty(): boolean {
    return this.text !== this.base.text || this.base.digest === NOTHING.digest;
  }

  private restoreDraft(): void {
    const draft = this.shelf.find(this.path);
    if (!draft || !this.base.editable || draft.text === this.base.text) {
      this.shelf.drop(this.path);
      return;
    }
    this.text = draft.text;
    this.firstUnsavedAt = Date.now();
    if (draft.baseDigest === this.base.digest) {
      this.phase = "dirty";
      this.schedule(0);
    } else {
      this.theirs = this.base;
      this.phase = "conflict";
    }
    this.picture = this.draw();
  }

  private startWriting(): Promise<void> {
    this.writing = this.write().finally(() => {
      this.writing = undefined;
    });
    return this.writing;
  }

  private async write(): Promise<void> {
    const text = this.text;
    const typedAt = this.firstUnsavedAt;
    this.firstUnsavedAt = undefined;
    if (this.phase !== "failed") this.phase = "saving";
    this.changed();
    const result = await this.disk.write(this.path, text, this.base.digest);
    this.writes += 1;
    if (result.kind === "saved") {
      this.base = { ...this.base, text, digest: result.digest };
      this.shelf.drop(this.path);
      this.settle(this.isDirty() ? "dirty" : "clean");
      return;
    }
    this.firstUnsavedAt = typedAt ?? Date.now();
    if (result.kind === "failed") return this.fail(result.problem);
    const found = await this.disk.read(this.path);
    if (found.kind === "failed") return this.fail(found.problem);
    this.reconcile(found.kind === "file" ? found.file : "deleted");
  }

  private fail(problem: Problem): void {
    this.problem = problem;
    this.phase = "failed";
    this.shelve();
    this.schedule(RETRY_MS);
    this.changed();
  }

  private reconcile(theirs: Theirs): void {
    if (theirs !== "deleted") {
      if (theirs.digest === this.base.digest) {
        this.base = theirs;
        this.settle(this.isDirty() ? "dirty" : "clean");
        return;
      }
      if (theirs.text === this.text) {
        this.base = theirs;
        this.shelf.drop(this.path);
        this.settle("clean");
        return;
      }
      if (!this.isDirty()) {
        this.adopt(theirs);
        return;
      }
    }
    this.theirs = theirs;
    this.phase = "conflict";
    this.shelve();
    this.changed();
  }

  /** Leaves conflict and failure behind. */
  private settle(phase: "clean" | "dirty"): void {
    this.theirs = undefined;
    this.problem = undefined;
    this.phase = phase;
    if (phase === "clean") {
      this.firstUnsavedAt = undefined;
      this.unschedule();
    } else {
      this.firstUnsavedAt ??= Date.now();
      if (this.timer === undefined) this.schedule(saveAt(this.firstUnsavedAt, Date.now()) - Date.now());
    }
    this.changed();
  }

  private schedule(delay: number): void {
    this.unschedule();
    if (this.closed) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        if (this.phase === "conflict") this.shelve();
        else void this.flush();
      },
      Math.max(0, delay),
    );
  }

  private unschedule(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private changed(): void {
    const next = this.draw();
    if (this.closed || sameView(next, this.picture)) return;
    this.picture = next;
    this.onChange();
  }

  private draw(): BufferView {
    return {
      path: this.path,
      phase: this.phase,
      digest: this.base.digest,
      editable: this.base.editable,
      binary: this.base.binary,
      replaced: this.replaced,
      theirs: this.theirs,
      problem: this.problem,
      unsavedSince: this.firstUnsavedAt,
    };
  }
}
