import type { Client } from "@connectrpc/connect";
import { type Backoff, defaultBackoff } from "@/api/backoff";
import type { Event, EventService } from "@/gen/carrel/ide/v1/event_service_pb";

/** Names of the events a screen can listen to. */
export type EventKind = Exclude<Event["kind"]["case"], undefined>;
/** The message that comes with an event of kind K. */
export type EventValue<K extends EventKind> = Extract<Event["kind"], { case: K }>["value"];
/** `unreachable` means Carrel's local server does not answer; the hub keeps trying. */
export type Connection = "connecting" | "connected" | "unreachable";

type Handler = (value: never) => void;

/** The server answers an idle poll after this time; more would outlive the webviews' own limits. */
export const maxWaitMs = 20_000;
/** A poll that outlives its wait by this much was lost, for example across sleep. */
const graceMs = 10_000;

export interface EventHubOptions {
  client: Pick<Client<typeof EventService>, "pull">;
  /** Called when events were missed: everything on screen must be fetched again. */
  onGap: () => void;
  backoff?: Backoff;
}

/**
 * Follows the event log of the local server with one poll loop and hands each event to its subscribers, in order.
 * Handlers must be idempotent: after a reload the log is read from the beginning of what the server still keeps.
 */
export class EventHub {
  private readonly handlers = new Map<EventKind, Set<Handler>>();
  private readonly listeners = new Set<() => void>();
  private readonly backoff: Backoff;
  private cursor = 0n;
  private hasAnswer = false;
  private connection: Connection = "connecting";

  constructor(private readonly options: EventHubOptions) {
    this.backoff = options.backoff ?? defaultBackoff;
  }

  /** Calls handler for every event of the kind until the returned function is called. */
  subscribe<K extends EventKind>(kind: K, handler: (value: EventValue<K>) => void): () => void {
    const set = this.handlers.get(kind) ?? new Set();
    this.handlers.set(kind, set);
    set.add(handler as Handler);
    return () => {
      set.delete(handler as Handler);
    };
  }

  /** For useSyncExternalStore: tells when `connectionState` changes. */
  readonly watchConnection = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly connectionState = (): Connection => this.connection;

  /** Polls until the signal aborts. The caller owns the loop and runs it once. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.pull(signal);
        failures = 0;
      } catch {
        if (signal.aborted) return;
        failures += 1;
        this.setConnection("unreachable");
        await this.backoff.sleep(this.backoff.delay(failures), signal);
      }
    }
  }

  private async pull(signal: AbortSignal): Promise<void> {
    const response = await this.options.client.pull(
      { cursor: this.cursor, maxWaitMs: this.connection === "connected" ? maxWaitMs : 0 },
      { signal, timeoutMs: maxWaitMs + graceMs },
    );
    this.setConnection("connected");
    // What was fetched before the first answer is as new as the log itself: nothing can be missing yet.
    if (response.gap && this.hasAnswer) this.options.onGap();
    this.hasAnswer = true;
    this.cursor = response.cursor;
    for (const event of response.events) this.dispatch(event);
  }

  private dispatch(event: Event): void {
    const { kind } = event;
    if (kind.case === undefined) return;
    for (const handler of [...(this.handlers.get(kind.case) ?? [])]) {
      try {
        handler(kind.value as never);
      } catch (error) {
        // A handler that throws is our bug, not a lost connection: the others still get their event.
        reportError(error);
      }
    }
  }

  private setConnection(next: Connection): void {
    if (this.connection === next) return;
    this.connection = next;
    for (const listener of [...this.listeners]) listener();
  }
}
