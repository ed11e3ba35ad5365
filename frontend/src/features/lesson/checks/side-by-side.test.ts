import { describe, expect, it } from "vitest";
import { compare, type Piece } from "./side-by-side";

const marked = (pieces: readonly Piece[] | undefined) =>
  pieces?.map((piece) => (piece.changed ? `[${piece.text}]` : piece.text)).join("");

describe("compare", () => {
  it("underlines the words that differ", () => {
    const { rows } = compare('("dog", 2),', '("the", 2),');
    expect(marked(rows[0]?.expected)).toBe('("[dog]", 2),');
    expect(marked(rows[0]?.actual)).toBe('("[the]", 2),');
  });

  it("puts values of equal length line against line", () => {
    const { rows } = compare("[\ndog\nthe\n]", "[\nthe\ndog\n]");
    expect(rows.map((row) => row.same)).toEqual([true, false, false, true]);
  });

  it("leaves an empty place beside a line only one side has", () => {
    const { rows } = compare("one\ntwo\nthree", "one\nthree");
    expect(rows[1]).toMatchObject({ actual: undefined, same: false });
    expect(rows[2]).toMatchObject({ same: true });
  });

  it("shows an empty side", () => {
    const { rows } = compare("one\ntwo", "");
    expect(rows).toHaveLength(2);
  });

  it("ignores the last line's end", () => {
    expect(compare("one\n", "one").rows).toEqual([
      { expected: [{ text: "one", changed: false }], actual: [{ text: "one", changed: false }], same: true },
    ]);
  });

  it("shows a bounded number of lines and says how many are hidden", () => {
    const long = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join("\n");
    const { rows, hidden } = compare(long, "short");
    expect(rows.length).toBeLessThanOrEqual(201);
    expect(hidden).toBe(800);
  });
});
