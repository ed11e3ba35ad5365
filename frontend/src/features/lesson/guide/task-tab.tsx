import { CircleCheck, CircleDashed, CircleX, Lock } from "lucide-react";
import { pickText } from "@/api/text";
import type { Criterion } from "@/gen/carrel/lesson/v1/lesson_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { Markdown } from "@/ui/markdown";
import { type CriterionState, criterionState } from "../checks/criteria";
import { useLesson } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { useFiles } from "../session/use-files";
import { LessonHead, withoutTitle } from "./lesson-head";
import { LessonText } from "./lesson-text";

/** What to do, and what counts as done. */
export function TaskTab() {
  const t = useT();
  const locale = useLocale();
  const { lesson } = useLesson();
  const text = withoutTitle(pickText(lesson.task, locale), pickText(lesson.lesson?.title, locale));
  return (
    <article className="px-7 py-6 max-medium:px-4">
      <LessonHead />
      <LessonText text={text} />
      {lesson.criteria.length > 0 && (
        <>
          <h2 className="mt-5 mb-2 font-reading text-[16px]/6 font-strong">{t("lesson.task.done")}</h2>
          <ul className="grid gap-2">
            {lesson.criteria.map((criterion) => (
              <CriterionLine
                key={criterion.tests.join(" ") || pickText(criterion.title, locale)}
                criterion={criterion}
              />
            ))}
          </ul>
        </>
      )}
      <FilesNote />
    </article>
  );
}

/** A line of "what counts as done" that ticks itself. */
function CriterionLine({ criterion }: { criterion: Criterion }) {
  const t = useT();
  const locale = useLocale();
  const check = useShownCheck();
  const state = criterionState(criterion, check.rows);
  return (
    <li className="grid grid-cols-[20px_1fr] gap-2">
      <span className="mt-1">
        <CriterionIcon state={state} />
        <span className="sr-only">{t(`lesson.task.${state}`)}: </span>
      </span>
      <Markdown text={pickText(criterion.title, locale)} />
    </li>
  );
}

function CriterionIcon({ state }: { state: CriterionState }) {
  if (state === "passed") return <CircleCheck aria-hidden size={16} className="text-pass" />;
  if (state === "failed") return <CircleX aria-hidden size={16} className="text-fail" />;
  return <CircleDashed aria-hidden size={16} className="text-ink-faint" />;
}

/** Says which files are the learner's, when there are others to read. */
function FilesNote() {
  const t = useT();
  const { lesson } = useLesson();
  const { byPath } = useFiles();
  const mine = lesson.learnerFiles;
  const hasLocked = [...byPath.values()].some((file) => !file.editable);
  if (mine.length === 0 || mine.length > 3 || !hasLocked) return null;
  return (
    <p className="mt-4 grid grid-cols-[16px_1fr] gap-3 rounded-[8px] border border-line bg-sheet-sunken px-4 py-3 text-ink-soft">
      <Lock aria-hidden size={16} className="mt-0.5 text-ink-faint" />
      <span>{t("lesson.task.files", { files: mine.join(", ") })}</span>
    </p>
  );
}
