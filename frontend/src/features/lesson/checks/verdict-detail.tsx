import { ScrollText } from "lucide-react";
import { Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { AttemptList } from "../attempts/attempt-list";
import { ScrollRegion } from "../layout/scroll-region";
import { logEnd } from "../output/check-log";
import { useLesson } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { verdictNext, verdictTitle } from "./verdict-words";

/**
 * What a verdict means when no single test tells it: one sentence, the next step, and the end of the log. After a pass
 * the way to it: the attempts.
 */
export function VerdictDetail({ titleHidden = false }: { titleHidden?: boolean }) {
  const t = useT();
  const { session } = useLesson();
  const check = useShownCheck();
  if (check.phase.kind === "stopped")
    return <p className="text-ink-soft">{t("lesson.checks.stoppedHint")}</p>;
  if (check.phase.kind !== "done") return null;
  const { report } = check.phase;
  const next = verdictNext(report, t);
  const passed = report.verdict === Verdict.PASSED;
  const log = passed ? "" : logEnd(report);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {(passed || !titleHidden) && (
        <h3 className="font-strong">{passed ? t("lesson.attempts") : verdictTitle(report, check.rows, t)}</h3>
      )}
      {next !== "" && <p className="text-ink-soft">{next}</p>}
      {passed && <AttemptList />}
      {log !== "" && (
        <>
          <ScrollRegion
            name={t("lesson.panel.output")}
            className="max-h-40 rounded-[8px] border border-line bg-sheet-sunken px-3 py-2 font-code text-small/5 text-code-text whitespace-pre"
          >
            {log}
          </ScrollRegion>
          <Button
            size="small"
            icon={ScrollText}
            className="justify-self-start"
            onPress={() => session.store.setState({ panelTab: "output", outputOf: "check" })}
          >
            {t("lesson.checks.fullLog")}
          </Button>
        </>
      )}
    </div>
  );
}
