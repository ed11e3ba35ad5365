import { useLessonState } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { useSummary } from "./check-summary";

/** Says the result of a check once, to screen readers. A restored or repeated result stays silent. */
export function CheckAnnouncer() {
  const check = useShownCheck();
  const announced = useLessonState((state) => state.announced);
  const words = useSummary(check);
  const isNews = announced !== undefined && announced === check.checkId && check.phase.kind === "done";
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {isNews ? words : ""}
    </div>
  );
}
