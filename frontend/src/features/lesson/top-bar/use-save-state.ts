import { useEffect, useState } from "react";
import { SAVING_SHOWN_AFTER_MS, type SaveState, saveState } from "../buffers/save-state";
import { useBufferViews } from "../session/lesson-context";

/** What the save chip says. Looks at the clock again when unsaved typing becomes old enough to be mentioned. */
export function useSaveState(): SaveState {
  const views = useBufferViews();
  const [now, setNow] = useState(() => Date.now());
  const since = [...views.values()].flatMap((view) => view.unsavedSince ?? []);
  const oldest = since.length > 0 ? Math.min(...since) : undefined;
  useEffect(() => {
    if (oldest === undefined) return;
    const timer = setTimeout(() => setNow(Date.now()), oldest + SAVING_SHOWN_AFTER_MS - Date.now());
    return () => clearTimeout(timer);
  }, [oldest]);
  return saveState(views, now);
}
