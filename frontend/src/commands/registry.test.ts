import { describe, expect, it, vi } from "vitest";
import { type Command, CommandRegistry } from "@/commands/registry";

const ctrl = (code: string) => ({ code, ctrlKey: true, metaKey: false, altKey: false, shiftKey: false });
const command = (more: Partial<Command> = {}): Command => ({
  id: "lesson.check",
  labelKey: "settings.open",
  keys: "Ctrl+Enter",
  run: vi.fn(),
  ...more,
});

describe("CommandRegistry", () => {
  it("runs a command by its keys and by its id", () => {
    const registry = new CommandRegistry();
    const check = command();
    registry.register(check);
    expect(registry.press(ctrl("Enter"), false)).toBe(true);
    expect(registry.run("lesson.check")).toBe(true);
    expect(check.run).toHaveBeenCalledTimes(2);
  });

  it("forgets a command that was taken back", () => {
    const registry = new CommandRegistry();
    registry.register(command())();
    expect(registry.press(ctrl("Enter"), false)).toBe(false);
    expect(registry.run("lesson.check")).toBe(false);
    expect(registry.snapshot()).toEqual([]);
  });

  it("prefers the newest of an id, and returns to the older one", () => {
    const registry = new CommandRegistry();
    const older = command();
    const newer = command();
    registry.register(older);
    const takeBack = registry.register(newer);
    registry.run("lesson.check");
    takeBack();
    registry.run("lesson.check");
    expect(newer.run).toHaveBeenCalledTimes(1);
    expect(older.run).toHaveBeenCalledTimes(1);
  });

  it("keeps the keys of a disabled command without running it", () => {
    const registry = new CommandRegistry();
    const check = command({ enabled: false });
    registry.register(check);
    expect(registry.press(ctrl("Enter"), false)).toBe(true);
    expect(registry.run("lesson.check")).toBe(false);
    expect(check.run).not.toHaveBeenCalled();
  });

  it("leaves keys to an open dialog, except for commands that work everywhere", () => {
    const registry = new CommandRegistry();
    registry.register(command());
    registry.register(command({ id: "palette.open", keys: "Ctrl+KeyK", everywhere: true }));
    expect(registry.press(ctrl("Enter"), true)).toBe(false);
    expect(registry.press(ctrl("KeyK"), true)).toBe(true);
  });

  it("tells watchers, with a new snapshot each time", () => {
    const registry = new CommandRegistry();
    const watcher = vi.fn();
    const leave = registry.watch(watcher);
    const before = registry.snapshot();
    registry.register(command());
    expect(watcher).toHaveBeenCalledTimes(1);
    expect(registry.snapshot()).not.toBe(before);
    leave();
    registry.register(command({ id: "other" }));
    expect(watcher).toHaveBeenCalledTimes(1);
  });
});
