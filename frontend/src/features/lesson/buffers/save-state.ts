import type { BufferViews } from "./buffer-store";
import type { Problem } from "./disk";

/** The one word of the save chip. */
export type SaveState =
  | { readonly kind: "saved" }
  | { readonly kind: "saving" }
  /** A file on disk is another one; the bar above the code asks what to do. */
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Work that takes longer than this is worth a word; shorter work would only flicker. */
export const SAVING_SHOWN_AFTER_MS = 700;

/** Folds all buffers into what the chip says: the most worrying state wins. */
export function saveState(views: BufferViews, now: number): SaveState {
  const all = [...views.values()];
  const failed = all.find((view) => view.phase === "failed");
  if (failed?.problem) return { kind: "failed", problem: failed.problem };
  if (all.some((view) => view.phase === "conflict")) return { kind: "waiting" };
  const slow = all.some(
    (view) => view.unsavedSince !== undefined && now - view.unsavedSince >= SAVING_SHOWN_AFTER_MS,
  );
  return slow ? { kind: "saving" } : { kind: "saved" };
}
