import { ScrollText } from "lucide-react";
import { type TestResult, TestStatus } from "@/gen/carrel/harness/v1/report_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { ScrollRegion } from "../layout/scroll-region";
import { useLesson } from "../session/lesson-context";
import { useFiles } from "../session/use-files";
import { hasFailed } from "./check-state";
import { DiffView } from "./diff-view";
import { type Place, testPlaces } from "./test-source";
import { useTestTitle } from "./use-test-title";

export interface CheckDetailProps {
  test: TestResult;
  /** Where the title is already in the row above. */
  titleHidden?: boolean;
}

/** Why a test failed: the message, expected beside actual, and the two lines it is about. */
export function CheckDetail({ test, titleHidden = false }: CheckDetailProps) {
  const t = useT();
  const { session } = useLesson();
  const { byPath } = useFiles();
  const titleOf = useTestTitle();
  const { code, test: expectation } = testPlaces(test, byPath);
  const hasValues = test.expected !== "" || test.actual !== "";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {!titleHidden && (
        <div className="flex items-center gap-2">
          <h3 className="min-w-0 flex-1 truncate font-strong">{titleOf(test)}</h3>
          {hasFailed(test) && (
            <Button
              kind="quiet"
              size="small"
              icon={ScrollText}
              onPress={() => session.store.setState({ panelTab: "output", outputOf: "check" })}
            >
              {t("lesson.checks.fullLog")}
            </Button>
          )}
        </div>
      )}
      <Message test={test} compact={hasValues} />
      {hasValues && <DiffView expected={test.expected} actual={test.actual} />}
      {(code || expectation) && (
        <div className="flex flex-wrap gap-x-4 gap-y-1 text-small">
          {code && <PlaceLink label={t("lesson.checks.yourCode")} place={code} />}
          {expectation && <PlaceLink label={t("lesson.checks.test")} place={expectation} />}
        </div>
      )}
    </div>
  );
}

function Message({ test, compact }: { test: TestResult; compact: boolean }) {
  const t = useT();
  const message = test.message.trim();
  if (message === "") {
    if (test.status === TestStatus.PASSED)
      return <p className="text-ink-soft">{t("lesson.checks.thisPassed")}</p>;
    if (hasFailed(test)) return <p className="text-ink-soft">{t("lesson.checks.noMessage")}</p>;
    return <p className="text-ink-soft">{t("lesson.checks.thisNotRun")}</p>;
  }
  const [first = "", ...rest] = message.split("\n");
  if (rest.length === 0) return <p className="-mt-2 text-ink-soft">{first}</p>;
  return (
    <ScrollRegion
      name={t("lesson.checks.message")}
      className={`whitespace-pre rounded-[8px] border border-line bg-sheet-sunken px-3 py-2 font-code text-small/5 text-code-text ${
        compact ? "max-h-25" : "max-h-60"
      }`}
    >
      {message}
    </ScrollRegion>
  );
}

function PlaceLink({ label, place }: { label: string; place: Place }) {
  const { session } = useLesson();
  return (
    <span className="flex items-center gap-2">
      <span className="text-ink-faint">{label}</span>
      <button
        type="button"
        onClick={() => void session.jumpTo(place)}
        className="min-h-6 cursor-pointer rounded-tight font-code text-link hover:underline"
      >
        {place.line > 0 ? `${place.path}:${place.line}` : place.path}
      </button>
    </span>
  );
}
