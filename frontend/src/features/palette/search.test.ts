import { describe, expect, it } from "vitest";
import { search } from "@/features/palette/search";

const entry = (label: string, detail = "") => ({ id: label, label, detail });
const found = (query: string, ...entries: ReturnType<typeof entry>[]) =>
  search(entries, query).map(({ entry: { label }, at }) => [label, at]);

describe("search", () => {
  it("keeps everything, in order, without a query", () => {
    expect(found("  ", entry("Check"), entry("Run"))).toEqual([
      ["Check", -1],
      ["Run", -1],
    ]);
  });

  it("puts starts of words before their middles, and labels before details", () => {
    expect(
      found("che", entry("Lesson", "check"), entry("Caches"), entry("Type checking"), entry("Check")),
    ).toEqual([
      ["Type checking", 5],
      ["Check", 0],
      ["Caches", 2],
      ["Lesson", -1],
    ]);
  });

  it("wants every word, wherever it is", () => {
    expect(found("files python", entry("Files", "Python course"), entry("Files", "SQL course"))).toEqual([
      ["Files", 0],
    ]);
  });

  it("does not care about case, nor about ё", () => {
    expect(found("ТЕМН", entry("Тема: тёмная"))).toEqual([["Тема: тёмная", 6]]);
  });

  it("finds nothing when nothing is there", () => {
    expect(found("xyz", entry("Check"))).toEqual([]);
  });
});
