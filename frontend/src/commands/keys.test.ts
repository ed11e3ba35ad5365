import { describe, expect, it } from "vitest";
import { ariaKeys, keyCaps, matches } from "@/commands/keys";

const press = (code: string, ...down: ("ctrl" | "meta" | "alt" | "shift")[]) => ({
  code,
  ctrlKey: down.includes("ctrl"),
  metaKey: down.includes("meta"),
  altKey: down.includes("alt"),
  shiftKey: down.includes("shift"),
});

describe("matches", () => {
  it.each([
    ["Ctrl K elsewhere", "Mod+KeyK", press("KeyK", "ctrl"), false, true],
    ["Cmd K on macOS", "Mod+KeyK", press("KeyK", "meta"), true, true],
    ["not Ctrl K on macOS", "Mod+KeyK", press("KeyK", "ctrl"), true, false],
    ["Ctrl ` stays Ctrl on macOS", "Ctrl+Backquote", press("Backquote", "ctrl"), true, true],
    ["not with a modifier too many", "Mod+Enter", press("Enter", "ctrl", "shift"), false, false],
    ["not with a modifier missing", "Mod+Shift+Enter", press("Enter", "ctrl"), false, false],
    ["the keypad's Enter", "Mod+Enter", press("NumpadEnter", "ctrl"), false, true],
    ["a bare key", "F8", press("F8"), false, true],
    ["Alt PageUp", "Alt+PageUp", press("PageUp", "alt"), false, true],
  ] as const)("%s", (_, keys, event, mac, want) => {
    expect(matches(keys, event, mac)).toBe(want);
  });
});

describe("keyCaps", () => {
  it("shows what is printed on the keys", () => {
    expect(keyCaps("Mod+Shift+KeyH", false)).toEqual(["Ctrl", "Shift", "H"]);
    expect(keyCaps("Mod+Alt+Enter", true)).toEqual(["Option", "Cmd", "Enter"]);
    expect(keyCaps("Escape", false)).toEqual(["Esc"]);
    expect(keyCaps("Mod+Comma", false)).toEqual(["Ctrl", ","]);
  });

  it("names keys as screen readers know them", () => {
    expect(ariaKeys("Mod+Shift+KeyH", false)).toBe("Control+Shift+H");
    expect(ariaKeys("Mod+Enter", true)).toBe("Meta+Enter");
  });
});
