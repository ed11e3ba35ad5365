import { expect, it } from "vitest";
import { highlighted } from "./highlight";

it("colours code of a language it knows", async () => {
  const pieces = await highlighted("python", "def one():\n    return 1  # why\n");
  expect(pieces.map(({ text }) => text).join("")).toBe("def one():\n    return 1  # why\n");
  expect(pieces.find(({ text }) => text === "def")?.token).toBe("--code-keyword");
  expect(pieces.find(({ text }) => text === "# why")).toMatchObject({
    token: "--code-comment",
    italic: true,
  });
});

it("leaves code of another language as it is", async () => {
  expect(await highlighted("cuneiform", "𒀀")).toEqual([{ text: "𒀀" }]);
});

it("gives the same promise for the same code", () => {
  expect(highlighted("go", "package a")).toBe(highlighted("go", "package a"));
});
