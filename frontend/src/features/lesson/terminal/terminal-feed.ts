/** What to do with a piece of terminal output. */
export type FeedStep =
  | { readonly kind: "print"; readonly data: Uint8Array }
  /** Everything in it was printed before. */
  | { readonly kind: "skip" }
  /** Bytes before it are missing: ask for a replay from the offset. */
  | { readonly kind: "replay"; readonly from: bigint };

/**
 * TerminalFeed puts terminal output in order by its byte offsets, so that nothing is printed twice and no hole stays
 * unnoticed. Pure apart from its position.
 */
export class TerminalFeed {
  constructor(private position: bigint = 0n) {}

  /** Offset of the next byte to print. */
  get next(): bigint {
    return this.position;
  }

  /** Live output. */
  accept(offset: bigint, data: Uint8Array): FeedStep {
    if (offset > this.position) return { kind: "replay", from: this.position };
    return this.take(offset, data);
  }

  /** Replayed output. It may start later than asked for, when older output is no longer kept. */
  acceptReplay(offset: bigint, data: Uint8Array): FeedStep {
    if (offset > this.position) this.position = offset;
    return this.take(offset, data);
  }

  private take(offset: bigint, data: Uint8Array): FeedStep {
    const known = Number(this.position - offset);
    if (known >= data.length) return { kind: "skip" };
    this.position = offset + BigInt(data.length);
    return { kind: "print", data: data.subarray(known) };
  }
}
