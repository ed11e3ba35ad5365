import { Clock } from "lucide-react";
import { Button } from "react-aria-components";
import { type Report, Verdict } from "@/gen/carrel/harness/v1/report_pb";
import type { Attempt } from "@/gen/carrel/ide/v1/check_service_pb";
import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { Chip } from "@/ui/chip";
import { VerdictChip } from "@/ui/verdict-chip";
import { hasFailed } from "../checks/check-state";
import { runnerName } from "../checks/runner-name";
import { verdictTitle } from "../checks/verdict-words";

export interface AttemptRowProps {
  attempt: Attempt;
  number: number;
  onShow: () => void;
}

/** One attempt: when, what came out, and whether the cloud agrees. */
export function AttemptRow({ attempt, number, onShow }: AttemptRowProps) {
  const t = useT();
  const format = useFormat();
  const { report, cloudReport } = attempt;
  const duration = report?.usage?.wallMs;
  return (
    <li className="border-t border-line first:border-t-0">
      <Button
        onPress={onShow}
        className="flex w-full cursor-default flex-col gap-1 rounded-control p-2 text-left data-hovered:bg-sheet-hover"
      >
        <span className="flex w-full items-center gap-2">
          <span className="font-medium tabular">{t("lesson.attempts.number", { number })}</span>
          <span className="min-w-0 flex-1 truncate text-small text-ink-faint tabular">
            {[
              format.moment(attempt.atMs),
              duration === undefined ? undefined : format.duration(Number(duration)),
              report && runnerName(report.runner, t),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {report && <AttemptChip attempt={attempt} report={report} />}
        </span>
        {report && <span className="text-small text-ink-soft">{verdictTitle(report, report.tests, t)}</span>}
        {cloudReport && report && (
          <span className="text-small text-warn">
            {t("lesson.attempts.mismatch", {
              here: verdictTitle(report, report.tests, t),
              there: verdictTitle(cloudReport, cloudReport.tests, t),
            })}
          </span>
        )}
        {attempt.waiting && (
          <Chip tone="bare" icon={Clock} className="-ml-1">
            {t("lesson.attempts.waiting")}
          </Chip>
        )}
      </Button>
    </li>
  );
}

function AttemptChip({ attempt, report }: { attempt: Attempt; report: Report }) {
  if (attempt.cloudReport) return <VerdictChip state="mismatch" />;
  if (report.verdict === Verdict.PASSED)
    return <VerdictChip state={attempt.verified ? "verified" : "local"} />;
  const failed = report.tests.filter(hasFailed).length;
  return failed > 0 ? <VerdictChip state="failed" failed={failed} /> : null;
}
