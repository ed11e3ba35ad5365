/** How much room the window gives: the rows of the layout table. */
export type LayoutKind = "phone" | "small" | "medium" | "large" | "wide";

export function layoutKind(width: number): LayoutKind {
  if (width < 720) return "phone";
  if (width < 1024) return "small";
  if (width < 1280) return "medium";
  return width < 1600 ? "large" : "wide";
}

/** Below this height the checks panel starts folded to its header. */
const SHORT_WINDOW = 640;

export function isShort(height: number): boolean {
  return height < SHORT_WINDOW;
}

interface PaneSize {
  readonly usual: number;
  readonly min: number;
  readonly max: number;
}

/** Sizes of panes in pixels. On a small screen the lesson pane starts narrower. */
export const PANES = {
  lesson: { usual: 416, min: 300, max: 640 },
  lessonSmall: { usual: 304, min: 280, max: 420 },
  files: { usual: 184, min: 140, max: 320 },
  checks: { usual: 312, min: 160, max: 900 },
} as const satisfies Record<string, PaneSize>;

/** A folded checks panel is its header and its edges. */
export const FOLDED_CHECKS = 42;
