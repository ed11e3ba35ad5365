/** Sends keys numbered seq; rejects when they did not arrive. */
export type SendKeys = (seq: bigint, data: Uint8Array) => Promise<void>;

/** One request carries at most this many bytes; a paste is sent in pieces. */
const MAX_BYTES = 64 * 1024;
const RETRY_MS = 250;
const MAX_TRIES = 8;

/**
 * KeyQueue sends what is typed in order, one request at a time; keys typed meanwhile travel together in the next one.
 * A request that failed is sent again with the same number, so the other side may apply it once only.
 */
export class KeyQueue {
  private waiting: Uint8Array[] = [];
  private sending = false;
  private stopped = false;

  constructor(
    private seq: bigint,
    private readonly send: SendKeys,
    private readonly onLost: () => void,
  ) {}

  type(data: Uint8Array): void {
    if (this.stopped || data.length === 0) return;
    this.waiting.push(data);
    if (!this.sending) void this.drain();
  }

  stop(): void {
    this.stopped = true;
    this.waiting = [];
  }

  private async drain(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0 && !this.stopped) {
      const data = this.takeWaiting();
      this.seq += 1n;
      if (!(await this.deliver(this.seq, data))) {
        this.stop();
        this.onLost();
      }
    }
    this.sending = false;
  }

  private async deliver(seq: bigint, data: Uint8Array): Promise<boolean> {
    for (let tries = 1; !this.stopped; tries++) {
      try {
        await this.send(seq, data);
        return true;
      } catch {
        if (tries >= MAX_TRIES) return false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return true;
  }

  private takeWaiting(): Uint8Array {
    const all = concat(this.waiting);
    this.waiting = all.length > MAX_BYTES ? [all.subarray(MAX_BYTES)] : [];
    return all.subarray(0, MAX_BYTES);
  }
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
