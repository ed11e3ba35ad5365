import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith("gen/"))
  .map((path) => ({ path, text: readFileSync(join("src", path), "utf8") }));

describe("the sources", () => {
  it("keep every file within 250 lines", () => {
    const long = files.filter(({ text }) => text.trimEnd().split("\n").length > 250).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  it("take every colour from the tokens", () => {
    const literal = /#[0-9a-f]{3,8}\b(?=["'\s;])|\brgba?\(|\bhsla?\(/i;
    const coloured = files.filter(({ path, text }) => !path.includes(".test.") && literal.test(text));
    expect(coloured.map(({ path }) => path)).toEqual([]);
  });
});
