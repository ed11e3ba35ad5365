import { pickText } from "@/api/text";
import { Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { LessonStatus } from "@/gen/carrel/ide/v1/library_service_pb";
import { useLocale } from "@/i18n/use-t";
import { verdictOf } from "../checks/check-state";
import { useLesson } from "../session/lesson-context";
import type { GuideTab } from "../session/lesson-store";
import { useShownCheck } from "../session/use-attempts";
import { isPassed } from "../session/use-course";

export interface GuideTabs {
  readonly tabs: readonly GuideTab[];
  /** The tab to start with. */
  readonly initial: GuideTab;
}

/** Which tabs the lesson has. A learner who has begun starts at the task, a newcomer at the theory. */
export function useGuideTabs(): GuideTabs {
  const locale = useLocale();
  const { lesson } = useLesson();
  const status = lesson.progress?.status;
  const verdict = verdictOf(useShownCheck());
  const passed = isPassed(status) || status === LessonStatus.MISMATCH || verdict === Verdict.PASSED;
  const tabs: GuideTab[] = [];
  if (pickText(lesson.theory, locale) !== "") tabs.push("theory");
  if (pickText(lesson.task, locale) !== "" || lesson.criteria.length > 0) tabs.push("task");
  if (lesson.hints > 0) tabs.push("hints");
  if (lesson.quiz.length > 0) tabs.push("quiz");
  if (passed) tabs.push("result");
  const begun = (lesson.progress?.attempts ?? 0) > 0;
  const initial = begun && tabs.includes("task") ? "task" : (tabs[0] ?? "theory");
  return { tabs: tabs.length === 0 ? ["theory"] : tabs, initial };
}
