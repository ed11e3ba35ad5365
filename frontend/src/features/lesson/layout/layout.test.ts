import { expect, it } from "vitest";
import { layoutKind } from "./layout";

it.each([
  [719, "phone"],
  [720, "small"],
  [1024, "medium"],
  [1280, "large"],
  [1600, "wide"],
])("a window %i wide is %s", (width, want) => {
  expect(layoutKind(width)).toBe(want);
});
