import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { pickText } from "@/api/text";
import { lessonMarks } from "@/features/library/lesson-marks";
import { progressOf, verdictOf } from "@/features/library/progress";
import type { CourseCard } from "@/gen/carrel/ide/v1/library_service_pb";
import type { CourseSummary } from "@/gen/carrel/lesson/v1/lesson_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { lessonPath } from "@/ui/routes";

export interface LessonRowsProps {
  card: CourseCard;
  course: CourseSummary;
  currentSlug: string;
}

/** A course's lessons with where each stands; the current one is in view. */
export function LessonRows({ card, course, currentSlug }: LessonRowsProps) {
  const t = useT();
  const locale = useLocale();
  const list = useRef<HTMLOListElement>(null);
  const current = useRef<HTMLLIElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scroll again when another lesson becomes the current one
  useEffect(() => {
    if (!list.current || !current.current) return;
    const row = current.current.offsetHeight;
    list.current.scrollTop = current.current.offsetTop - 3 * row;
  }, [currentSlug]);
  return (
    <ol ref={list} className="relative min-h-0 flex-1 overflow-y-auto p-2">
      {course.lessons.map((lesson, index) => {
        const { icon: Icon, colour, labelKey } = lessonMarks[verdictOf(progressOf(card, lesson.id))];
        const isCurrent = lesson.slug === currentSlug;
        return (
          <li key={lesson.id} ref={isCurrent ? current : undefined}>
            <Link
              href={lessonPath(course.id, lesson.slug)}
              aria-current={isCurrent ? "step" : undefined}
              className={classes(
                "flex h-7 items-center gap-2 rounded-control px-2 -outline-offset-2 hover:bg-sheet-hover hover:no-underline",
                isCurrent ? "bg-sheet-selected font-medium text-ink" : "text-ink-soft",
              )}
            >
              <Icon aria-hidden size={14} className={colour} />
              <span className="w-5 shrink-0 text-right text-small text-ink-faint tabular">{index + 1}</span>
              <span className="min-w-0 flex-1 truncate">{pickText(lesson.title, locale)}</span>
              <span className="sr-only">, {t(labelKey)}</span>
            </Link>
          </li>
        );
      })}
    </ol>
  );
}
