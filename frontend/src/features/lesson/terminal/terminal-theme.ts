import type { ITheme } from "@xterm/xterm";

/** The sixteen colours programs ask for, each from the token that is nearest in meaning. */
const NAMES = {
  background: "--sheet",
  foreground: "--code-text",
  cursor: "--accent",
  cursorAccent: "--sheet",
  selectionBackground: "--code-selection",
  black: "--ink",
  red: "--fail",
  green: "--pass",
  yellow: "--warn",
  blue: "--link",
  magenta: "--code-type",
  cyan: "--code-function",
  white: "--ink-soft",
  brightBlack: "--ink-faint",
  brightRed: "--fail",
  brightGreen: "--pass",
  brightYellow: "--code-number",
  brightBlue: "--link",
  brightMagenta: "--code-type",
  brightCyan: "--code-function",
  brightWhite: "--ink",
} as const satisfies Partial<Record<keyof ITheme, string>>;

/** Reads the colours of the theme that is in force at the element. */
export function terminalTheme(element: Element): ITheme {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, token]) => [name, style.getPropertyValue(token).trim()]),
  );
}
