import { describe, expect, it, vi } from "vitest";
import { native } from "@/api/native";

describe("native", () => {
  it("has nothing in a browser", () => {
    const { chooseFolder, openExternal, setTitle } = native({});
    expect([chooseFolder, openExternal, setTitle]).toEqual([undefined, undefined, undefined]);
  });

  it("finds the window's bridge", async () => {
    const ChooseFolder = vi.fn().mockResolvedValue("/home/anna/course");
    const BrowserOpenURL = vi.fn();
    const window = native({ go: { app: { Chrome: { ChooseFolder } } }, runtime: { BrowserOpenURL } });
    expect(await window.chooseFolder?.("Open a course")).toBe("/home/anna/course");
    window.openExternal?.("https://docs.example");
    expect(BrowserOpenURL).toHaveBeenCalledWith("https://docs.example");
  });
});
