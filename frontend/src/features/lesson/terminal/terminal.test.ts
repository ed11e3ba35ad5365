import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KeyQueue } from "./key-queue";
import { TerminalFeed } from "./terminal-feed";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

describe("TerminalFeed", () => {
  it("prints output in order", () => {
    const feed = new TerminalFeed();
    expect(feed.accept(0n, bytes("ab"))).toEqual({ kind: "print", data: bytes("ab") });
    expect(feed.accept(2n, bytes("c"))).toEqual({ kind: "print", data: bytes("c") });
    expect(feed.next).toBe(3n);
  });

  it("skips what was printed before", () => {
    const feed = new TerminalFeed(3n);
    expect(feed.accept(0n, bytes("abc"))).toEqual({ kind: "skip" });
  });

  it("prints the unknown end of an overlapping piece", () => {
    const feed = new TerminalFeed(2n);
    expect(feed.accept(0n, bytes("abcd"))).toEqual({ kind: "print", data: bytes("cd") });
  });

  it("asks for a replay at a hole and goes on after it", () => {
    const feed = new TerminalFeed(2n);
    expect(feed.accept(5n, bytes("x"))).toEqual({ kind: "replay", from: 2n });
    expect(feed.acceptReplay(2n, bytes("cdex"))).toMatchObject({ kind: "print" });
    expect(feed.next).toBe(6n);
  });

  it("goes on where a replay starts when older output is gone", () => {
    const feed = new TerminalFeed(2n);
    expect(feed.acceptReplay(10n, bytes("k"))).toEqual({ kind: "print", data: bytes("k") });
    expect(feed.next).toBe(11n);
  });
});

describe("KeyQueue", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("has one request on its way and joins what is typed meanwhile", async () => {
    const sent: string[] = [];
    const queue = new KeyQueue(
      0n,
      async (seq, data) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        sent.push(`${seq}:${text(data)}`);
      },
      () => {},
    );
    for (const key of "hello") queue.type(bytes(key));
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toEqual(["1:h", "2:ello"]);
  });

  it("goes on with the numbers of an open terminal", async () => {
    const seqs: bigint[] = [];
    const queue = new KeyQueue(
      7n,
      async (seq) => {
        seqs.push(seq);
      },
      () => {},
    );
    queue.type(bytes("x"));
    await vi.advanceTimersByTimeAsync(0);
    expect(seqs).toEqual([8n]);
  });

  it("sends a failed request again under the same number", async () => {
    const seqs: bigint[] = [];
    const queue = new KeyQueue(
      0n,
      (seq) => {
        seqs.push(seq);
        return seqs.length < 3 ? Promise.reject(new Error("gone")) : Promise.resolve();
      },
      () => {},
    );
    queue.type(bytes("x"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(seqs).toEqual([1n, 1n, 1n]);
  });

  it("says when keys are lost and takes no more", async () => {
    const lost = vi.fn();
    const send = vi.fn(() => Promise.reject(new Error("gone")));
    const queue = new KeyQueue(0n, send, lost);
    queue.type(bytes("x"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lost).toHaveBeenCalledTimes(1);
    send.mockClear();
    queue.type(bytes("y"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(send).not.toHaveBeenCalled();
  });

  it("cuts a large paste into requests of a bounded size", async () => {
    const sizes: number[] = [];
    const queue = new KeyQueue(
      0n,
      (_, data) => {
        sizes.push(data.length);
        return Promise.resolve();
      },
      () => {},
    );
    queue.type(new Uint8Array(150 * 1024));
    await vi.advanceTimersByTimeAsync(10);
    expect(sizes).toEqual([64 * 1024, 64 * 1024, 22 * 1024]);
  });
});
