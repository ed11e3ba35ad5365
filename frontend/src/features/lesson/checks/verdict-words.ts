import { type Report, type TestResult, Verdict } from "@/gen/carrel/harness/v1/report_pb";
import type { useT } from "@/i18n/use-t";
import { hasFailed } from "./check-state";

type Translate = ReturnType<typeof useT>;

/** Names of verdicts in the catalogue. Two of them are sentences with numbers. */
const names = {
  [Verdict.UNSPECIFIED]: "infrastructure",
  [Verdict.PASSED]: "passed",
  [Verdict.FAILED]: "failed",
  [Verdict.BUILD_FAILED]: "buildFailed",
  [Verdict.TIMED_OUT]: "timedOut",
  [Verdict.OUT_OF_MEMORY]: "outOfMemory",
  [Verdict.OUTPUT_LIMIT]: "outputLimit",
  [Verdict.PROCESS_LIMIT]: "processLimit",
  [Verdict.DISK_LIMIT]: "diskLimit",
  [Verdict.CRASHED]: "crashed",
  [Verdict.TAMPERED]: "tampered",
  [Verdict.INFRASTRUCTURE]: "infrastructure",
} as const satisfies Record<Verdict, string>;

/** What happened, in one sentence. */
export function verdictTitle(report: Report, rows: readonly TestResult[], t: Translate): string {
  const { verdict } = report;
  const total = rows.length;
  if (verdict === Verdict.PASSED) {
    return total > 0 ? t("lesson.verdict.passed", { count: total }) : t("lesson.verdict.passedPlain");
  }
  if (verdict === Verdict.FAILED) {
    const failed = rows.filter(hasFailed).length;
    return failed > 0
      ? t("lesson.verdict.failed", { count: failed, total })
      : t("lesson.verdict.failedPlain");
  }
  return t(`lesson.verdict.${names[verdict]}`);
}

/** What to do about it; empty when the tests speak for themselves. The report's own sentence goes first. */
export function verdictNext(report: Report, t: Translate): string {
  if (report.message !== "") return report.message;
  if (report.verdict === Verdict.PASSED || report.verdict === Verdict.FAILED) return "";
  return t(`lesson.next.${names[report.verdict]}`);
}

/** Whether the machinery, and not the learner's code, is what went wrong. Shown calmly, never as a failure. */
export function isMachinery(verdict: Verdict): boolean {
  return verdict === Verdict.INFRASTRUCTURE || verdict === Verdict.UNSPECIFIED;
}
