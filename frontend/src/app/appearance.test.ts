import { describe, expect, it } from "vitest";
import { applyAppearance, rememberedAppearance, resolveTheme } from "@/app/appearance";

const asking =
  (...asked: string[]) =>
  (query: string) =>
    asked.some((word) => query.includes(word));

describe("resolveTheme", () => {
  it.each([
    ["the person's choice over the system's", "light", asking("dark", "contrast"), "light"],
    ["high contrast first", "system", asking("dark", "contrast"), "contrast"],
    ["dark", "system", asking("dark"), "dark"],
    ["light otherwise", "system", asking(), "light"],
    ["the system's for a word we do not know", "sepia", asking("dark"), "dark"],
  ] as const)("%s", (_, theme, asks, want) => {
    expect(resolveTheme(theme, asks)).toBe(want);
  });
});

describe("the appearance", () => {
  it("sets theme and sizes, with line heights that follow", () => {
    applyAppearance({ theme: "dark", locale: "", codeSize: 22, readingSize: 20 });
    const { dataset, style } = document.documentElement;
    expect(dataset.theme).toBe("dark");
    expect(style.getPropertyValue("--line-code")).toBe("34px");
    expect(style.getPropertyValue("--line-reading")).toBe("32px");
  });

  it("survives a spoilt memory", () => {
    window.localStorage.setItem("carrel-appearance", "{");
    expect(rememberedAppearance()).toMatchObject({ theme: "system", locale: "" });
    window.localStorage.setItem("carrel-appearance", '{"theme":"dark"}');
    expect(rememberedAppearance()).toMatchObject({ theme: "dark", codeSize: 13 });
  });
});
