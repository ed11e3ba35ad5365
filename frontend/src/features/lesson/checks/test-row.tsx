import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { type TestResult, TestStatus } from "@/gen/carrel/harness/v1/report_pb";
import { useFormat } from "@/i18n/format";
import { type MessageKey, useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { hasFailed } from "./check-state";
import { useTestTitle } from "./use-test-title";

const words: Record<TestStatus, MessageKey> = {
  [TestStatus.UNSPECIFIED]: "lesson.test.notRun",
  [TestStatus.PASSED]: "lesson.test.passed",
  [TestStatus.FAILED]: "lesson.test.failed",
  [TestStatus.ERRORED]: "lesson.test.errored",
  [TestStatus.SKIPPED]: "lesson.test.skipped",
  [TestStatus.NOT_RUN]: "lesson.test.notRun",
};

/** One test: what should be true, and whether it is. */
export function TestRow({ test }: { test: TestResult }) {
  const t = useT();
  const format = useFormat();
  const titleOf = useTestTitle();
  const ran = test.status === TestStatus.PASSED || hasFailed(test);
  return (
    <div
      className={classes(
        "grid h-(--size-row) cursor-default grid-cols-[16px_minmax(0,1fr)_auto] items-center gap-2 pr-3 pl-4",
        !ran && "text-ink-faint",
      )}
    >
      <TestIcon test={test} />
      <span className="truncate">
        <span className="sr-only">{t(words[test.status])}: </span>
        {titleOf(test)}
      </span>
      <span className="text-small text-ink-faint tabular">
        {ran ? format.duration(test.durationMs) : t(words[test.status])}
      </span>
    </div>
  );
}

function TestIcon({ test }: { test: TestResult }) {
  if (test.status === TestStatus.PASSED) return <CircleCheck aria-hidden size={16} className="text-pass" />;
  if (hasFailed(test)) return <CircleX aria-hidden size={16} className="text-fail" />;
  return <CircleDashed aria-hidden size={16} className="text-ink-faint" />;
}
