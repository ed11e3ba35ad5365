import { describe, expect, it } from "vitest";
import { replacement } from "./replacement";

describe("replacement", () => {
  it.each([
    { name: "nothing", before: "same", after: "same" },
    { name: "an insertion", before: "one three", after: "one two three" },
    { name: "a deletion", before: "one two three", after: "one three" },
    { name: "a repeated letter", before: "aaa", after: "aaaa" },
    { name: "everything", before: "abc", after: "xyz" },
    { name: "an empty text", before: "", after: "new" },
    { name: "to an empty text", before: "old", after: "" },
  ])("of $name makes the new text", ({ before, after }) => {
    const { from, to, insert } = replacement(before, after);
    expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
  });

  it("touches only what differs", () => {
    expect(replacement("one two three", "one 2 three")).toEqual({ from: 4, to: 7, insert: "2" });
  });
});
