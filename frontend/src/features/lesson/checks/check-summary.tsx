import { CircleCheck, CircleSlash, CircleX, Info, TriangleAlert } from "lucide-react";
import { type Report, Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { useT } from "@/i18n/use-t";
import { Spinner } from "@/ui/spinner";
import { useShownCheck } from "../session/use-attempts";
import { type CheckState, counts } from "./check-state";
import { isMachinery, verdictTitle } from "./verdict-words";

/** The one line on top of the list: how many failed, or what is going on. */
export function CheckSummary() {
  const t = useT();
  const check = useShownCheck();
  const { passed, failed } = counts(check);
  return (
    <div className="flex h-11 shrink-0 items-center gap-2.5 border-b border-line pr-3 pl-4">
      <SummaryIcon check={check} />
      <h2 className="min-w-0 flex-1 truncate font-strong">{useSummary(check)}</h2>
      {failed > 0 && passed > 0 && (
        <span className="text-small text-ink-faint tabular">
          {t("lesson.checks.passed", { count: passed })}
        </span>
      )}
    </div>
  );
}

function SummaryIcon({ check }: { check: CheckState }) {
  const { phase } = check;
  if (phase.kind === "stopped") return <CircleSlash aria-hidden size={20} className="text-ink-faint" />;
  if (phase.kind === "done") return <VerdictIcon report={phase.report} />;
  return (
    <span className="flex text-accent">
      <Spinner size={20} />
    </span>
  );
}

/** Passed, failed, a limit, or the machinery: each has its own shape. */
export function VerdictIcon({ report }: { report: Report }) {
  const { verdict } = report;
  if (verdict === Verdict.PASSED) return <CircleCheck aria-hidden size={20} className="text-pass" />;
  if (verdict === Verdict.FAILED) return <CircleX aria-hidden size={20} className="text-fail" />;
  if (isMachinery(verdict)) return <Info aria-hidden size={20} className="text-ink-soft" />;
  return <TriangleAlert aria-hidden size={20} className="text-warn" />;
}

/** The summary in words. */
export function useSummary(check: CheckState): string {
  const t = useT();
  const { phase, rows } = check;
  const { total } = counts(check);
  switch (phase.kind) {
    case "none":
      return "";
    case "queued":
      return phase.ahead > 0 ? t("lesson.checks.queued", { count: phase.ahead }) : t("lesson.checking");
    case "starting":
      return t("lesson.checking");
    case "opening":
      return t("lesson.checks.opening");
    case "running":
      return total > 0
        ? t("lesson.checkingOf", { number: Math.min(total, rows.length + 1), total })
        : t("lesson.checking");
    case "stopped":
      return t("lesson.checks.stopped");
    case "done":
      return verdictTitle(phase.report, rows, t);
  }
}
