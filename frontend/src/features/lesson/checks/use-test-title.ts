import { useCallback } from "react";
import { pickText } from "@/api/text";
import type { TestResult } from "@/gen/carrel/harness/v1/report_pb";
import { useLocale } from "@/i18n/use-t";
import { useLesson } from "../session/lesson-context";

/** Names a test by what should be true, in the reader's language. */
export function useTestTitle(): (test: TestResult) => string {
  const locale = useLocale();
  const titles = useLesson().lesson.testTitles;
  return useCallback((test) => pickText(titles[test.id], locale) || test.name || test.id, [titles, locale]);
}
