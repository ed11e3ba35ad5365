import { pickText } from "@/api/text";
import { useLocale, useT } from "@/i18n/use-t";
import { useLesson } from "../session/lesson-context";
import { useCourse } from "../session/use-course";

/** The lesson's place and title on top of its text. */
export function LessonHead() {
  const t = useT();
  const locale = useLocale();
  const { lesson } = useLesson();
  const { number } = useCourse();
  const minutes = lesson.lesson?.minutes ?? 0;
  return (
    <div className="mb-2">
      <p className="mb-1 text-small font-medium text-ink-faint">
        {[
          t("lesson.head.number", { number }),
          minutes > 0 ? t("lesson.head.minutes", { count: minutes }) : undefined,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <h1 className="font-reading text-[24px]/8 font-strong tracking-[-0.01em]">
        {pickText(lesson.lesson?.title, locale)}
      </h1>
    </div>
  );
}

/** The text without a first heading that only repeats the title above it. */
export function withoutTitle(markdown: string, title: string): string {
  const heading = /^\s*#\s+(.+?)\s*#*\s*(?:\n|$)/.exec(markdown);
  return heading?.[1]?.trim() === title.trim() ? markdown.slice(heading[0].length) : markdown;
}
