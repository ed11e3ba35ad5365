import { CircleAlert, Info, ListChecks } from "lucide-react";
import { useCommandRegistry } from "@/commands/use-command";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ProblemState } from "@/ui/problem-state";
import { useLayoutKind } from "../layout/use-window";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { CheckDetail } from "./check-detail";
import { CheckList } from "./check-list";
import { CheckListNarrow } from "./check-list-narrow";
import { isUnderWay } from "./check-state";
import { CheckSummary } from "./check-summary";
import { OpeningDetail } from "./opening-detail";
import { selectedTest } from "./selection";
import { VerdictDetail } from "./verdict-detail";

/** What the checks say: a list of tests and the one that is looked at. */
export function ChecksTab() {
  const t = useT();
  const commands = useCommandRegistry();
  const kind = useLayoutKind();
  const check = useShownCheck();
  const problem = useLessonState((state) => state.checkProblem);
  const chosen = useLessonState((state) => state.chosenTest);
  if (problem) return <CheckProblem />;
  if (check.phase.kind === "none") {
    return (
      <EmptyState
        className="p-5"
        icon={ListChecks}
        title={t("lesson.checks.none")}
        actions={
          <Button size="small" onPress={() => commands.run("lesson.check")}>
            {t("lesson.check")}
          </Button>
        }
      >
        {t("lesson.checks.noneHint")}
      </EmptyState>
    );
  }
  if (kind === "small" || kind === "phone") return <CheckListNarrow />;
  const selected = selectedTest(check.rows, chosen);
  if (check.rows.length === 0 && !isUnderWay(check)) {
    return (
      <div className="min-w-0 flex-1 overflow-y-auto">
        <CheckSummary />
        <div className="px-4 py-3">
          <VerdictDetail titleHidden />
        </div>
      </div>
    );
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <div className="flex w-83 max-w-[44%] shrink-0 flex-col border-r border-line">
        <CheckSummary />
        <CheckList selected={selected?.id} />
      </div>
      <div className="min-w-0 flex-1 overflow-y-auto px-4 py-3">
        {selected ? (
          <CheckDetail key={selected.id} test={selected} />
        ) : check.phase.kind === "opening" ? (
          <OpeningDetail />
        ) : (
          !isUnderWay(check) && <VerdictDetail />
        )}
      </div>
    </div>
  );
}

/** A check that could not start. Nothing is recorded, and what to do is said. */
function CheckProblem() {
  const t = useT();
  const commands = useCommandRegistry();
  const { session } = useLesson();
  const problem = useLessonState((state) => state.checkProblem);
  if (!problem) return null;
  const retry = () => {
    session.store.setState({ checkProblem: undefined });
    commands.run("lesson.check");
  };
  if (problem.kind === "conflict" && problem.message === "") {
    return (
      <EmptyState
        className="p-5"
        icon={CircleAlert}
        title={t("lesson.checks.unsaved")}
        actions={
          <Button size="small" onPress={retry}>
            {t("lesson.check")}
          </Button>
        }
      >
        {t("lesson.checks.unsavedHint")}
      </EmptyState>
    );
  }
  if (problem.kind === "offline") {
    return (
      <EmptyState
        className="p-5"
        icon={Info}
        title={problem.message || t("lesson.checks.noRunner")}
        actions={
          <Button size="small" onPress={retry}>
            {t("problem.retry")}
          </Button>
        }
      >
        {problem.hint || t("lesson.checks.noRunnerHint")}
      </EmptyState>
    );
  }
  return <ProblemState className="p-5" problem={problem} onRetry={retry} />;
}
