/**
 * A shortcut: modifiers and one `KeyboardEvent.code`, such as "Mod+Enter", "Mod+Shift+KeyH", "Alt+PageUp", "F8".
 * Mod is Ctrl, and Cmd on macOS. Codes name places on the keyboard, so "Mod+KeyK" is the same key on a Russian layout.
 */
export type Keys = string;

export type KeyPress = Pick<KeyboardEvent, "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

interface Chord {
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  shift: boolean;
  code: string;
}

export const isMac = /mac/i.test(navigator.platform);

function parse(keys: Keys, mac: boolean): Chord {
  const parts = keys.split("+");
  const has = (name: string) => parts.includes(name);
  return {
    ctrl: has("Ctrl") || (has("Mod") && !mac),
    meta: has("Mod") && mac,
    alt: has("Alt"),
    shift: has("Shift"),
    code: parts.at(-1) ?? "",
  };
}

/** Whether the key press is the shortcut, no more and no less. The keypad's Enter counts as Enter. */
export function matches(keys: Keys, press: KeyPress, mac = isMac): boolean {
  const chord = parse(keys, mac);
  return (
    (press.code === chord.code || (press.code === "NumpadEnter" && chord.code === "Enter")) &&
    press.ctrlKey === chord.ctrl &&
    press.metaKey === chord.meta &&
    press.altKey === chord.alt &&
    press.shiftKey === chord.shift
  );
}

const codeLabels: Record<string, string> = {
  Escape: "Esc",
  Backquote: "`",
  Comma: ",",
  Period: ".",
  Slash: "/",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  PageUp: "PgUp",
  PageDown: "PgDn",
};

/** The key caps to show, in the order people press them: ["Ctrl", "Shift", "H"]. */
export function keyCaps(keys: Keys, mac = isMac): string[] {
  const chord = parse(keys, mac);
  const caps: string[] = [];
  if (chord.ctrl) caps.push("Ctrl");
  if (chord.alt) caps.push(mac ? "Option" : "Alt");
  if (chord.shift) caps.push("Shift");
  if (chord.meta) caps.push("Cmd");
  caps.push(codeLabels[chord.code] ?? chord.code.replace(/^(Key|Digit)/, ""));
  return caps;
}

/** For aria-keyshortcuts: "Control+Shift+H". */
export function ariaKeys(keys: Keys, mac = isMac): string {
  return keyCaps(keys, mac)
    .map((cap) => ({ Ctrl: "Control", Option: "Alt", Cmd: "Meta", Esc: "Escape" })[cap] ?? cap)
    .join("+");
}
