import { describe, expect, it, vi } from "vitest";
import { takeToken } from "@/api/token";

function scene(hash: string, stored?: string) {
  const items = new Map(stored === undefined ? [] : [["carrel-token", stored]]);
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      items.set(key, value);
    },
  };
  const replaceState = vi.fn();
  const token = takeToken({ hash, pathname: "/", search: "" }, { replaceState }, storage);
  return { token, items, replaceState };
}

describe("takeToken", () => {
  it("keeps the token of the fragment and takes it out of the address bar", () => {
    const { token, items, replaceState } = scene("#token=a%2Bb");
    expect(token).toBe("a+b");
    expect(items.get("carrel-token")).toBe("a+b");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/#/");
  });

  it("goes on to the route behind the token", () => {
    const { token, replaceState } = scene("#token=abc/course/first-steps/pipes");
    expect(token).toBe("abc");
    expect(replaceState).toHaveBeenCalledWith(null, "", "/#/course/first-steps/pipes");
  });

  it("remembers it on a reload and leaves routes alone", () => {
    const { token, replaceState } = scene("#/course/a/b", "kept");
    expect(token).toBe("kept");
    expect(replaceState).not.toHaveBeenCalled();
  });

  it("is empty in the window", () => {
    expect(scene("").token).toBe("");
  });
});
