import { useLesson, useLessonState } from "../session/lesson-context";

export interface Hints {
  /** How many are open. */
  readonly opened: number;
  /** Opens one more and shows the tab. */
  readonly openNext: () => void;
}

/** Hints opened on this computer or before; opening is counted by the server when the hint is fetched. */
export function useHints(): Hints {
  const { session, lesson } = useLesson();
  const openedNow = useLessonState((state) => state.hintsOpened);
  const opened = Math.min(lesson.hints, Math.max(lesson.hintsUsed, openedNow));
  return {
    opened,
    openNext: () =>
      session.store.setState({ guideTab: "hints", hintsOpened: Math.min(lesson.hints, opened + 1) }),
  };
}
