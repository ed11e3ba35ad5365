import { Play, Square } from "lucide-react";
import { useCommandRegistry } from "@/commands/use-command";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Segmented } from "@/ui/segmented";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { CheckLog } from "./check-log-view";
import { RunLog, RunOutcome } from "./run-log";
import { isRunning } from "./run-state";

/** What the program printed, or what the checks printed. */
export function OutputTab() {
  const t = useT();
  const { session, lesson } = useLesson();
  const commands = useCommandRegistry();
  const wanted = useLessonState((state) => state.outputOf);
  const run = useLessonState((state) => state.run);
  const hasCheck = useShownCheck().phase.kind === "done";
  const canRun = lesson.runCommand.length > 0;
  const shown = !canRun ? "check" : wanted;
  const running = isRunning(run);
  return (
    <>
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-3 border-b border-line px-3 py-1">
        {canRun && hasCheck && (
          <Segmented
            name={t("lesson.output.of")}
            value={shown}
            onChange={(outputOf) => session.store.setState({ outputOf })}
            segments={[
              { id: "run", label: t("lesson.output.program") },
              { id: "check", label: t("lesson.output.checks") },
            ]}
          />
        )}
        {shown === "run" && <RunOutcome />}
        <span className="flex-1" />
        {shown === "run" && canRun && (
          <Button
            size="small"
            icon={running ? Square : Play}
            onPress={() => commands.run(running ? "lesson.stopRun" : "lesson.run")}
          >
            {t(running ? "lesson.stopRun" : "lesson.run")}
          </Button>
        )}
      </div>
      {shown === "check" ? (
        <CheckLog />
      ) : run.phase.kind === "none" ? (
        <EmptyState className="p-5" icon={Play} title={t("lesson.output.none")}>
          {t("lesson.output.noneHint")}
        </EmptyState>
      ) : (
        <RunLog />
      )}
    </>
  );
}
