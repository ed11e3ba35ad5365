/** A pause in typing of this length saves. */
const PAUSE_MS = 300;
/** Typing without a pause saves this long after the first unsaved keystroke: no crash may cost more. */
const LIMIT_MS = 500;

/** When to save, given the first and the last keystroke that are not on disk yet. */
export function saveAt(firstUnsavedAt: number, lastKeyAt: number): number {
  return Math.min(lastKeyAt + PAUSE_MS, firstUnsavedAt + LIMIT_MS);
}
