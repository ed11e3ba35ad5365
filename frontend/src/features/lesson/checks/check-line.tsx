import { Button } from "react-aria-components";
import { useLesson } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { useSummary, VerdictIcon } from "./check-summary";

/** The result in one line, for screens that show one pane at a time. */
export function CheckLine() {
  const { session } = useLesson();
  const check = useShownCheck();
  const words = useSummary(check);
  if (check.phase.kind === "none") return null;
  return (
    <Button
      onPress={() => session.store.setState({ phonePane: "checks", panelTab: "checks" })}
      className="sheet flex min-h-8 w-full items-center gap-2 px-3 text-left"
    >
      {check.phase.kind === "done" && <VerdictIcon report={check.phase.report} />}
      <span className="truncate font-medium">{words}</span>
    </Button>
  );
}
