import { Ellipsis } from "lucide-react";
import { Link } from "wouter";
import { pickText } from "@/api/text";
import { CourseFooter } from "@/features/library/course-footer";
import { lessonMarks } from "@/features/library/lesson-marks";
import { clothOf, courseProgress, nextLesson, progressOf, verdictOf } from "@/features/library/progress";
import { type CourseCard, CourseState } from "@/gen/carrel/ide/v1/library_service_pb";
import type { CourseSummary } from "@/gen/carrel/lesson/v1/lesson_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { ProgressBar } from "@/ui/progress-bar";
import { lessonPath, useGo } from "@/ui/routes";

/** One course as a book on the desk: spine, title, how far, and whether it works without internet. */
export function CourseBook({ card, course }: { card: CourseCard; course: CourseSummary }) {
  const t = useT();
  const locale = useLocale();
  const { lessons, passed } = courseProgress(card);
  const title = pickText(course.title, locale) || course.id;
  const next = card.state === CourseState.INSTALLED ? nextLesson(card) : undefined;
  const summary = [lessons > 0 && t("library.lessons", { count: lessons }), course.tags.join(", ")];
  return (
    <li className="sheet relative grid grid-cols-[12px_minmax(0,1fr)] overflow-hidden">
      <span
        aria-hidden
        className="relative row-span-2"
        style={{ background: `var(--cloth-${clothOf(course)})` }}
      >
        <span className="absolute inset-x-0 top-4 h-px bg-on-accent/45" />
        <span className="absolute inset-x-0 top-5 h-px bg-on-accent/45" />
      </span>
      <div className="flex min-h-37 flex-col gap-1 px-4 pt-4 pb-3">
        <div className="flex items-start gap-1">
          <h3 className="min-w-0 flex-1 font-reading text-[16px] leading-5 font-strong">
            {next ? (
              <Link
                href={lessonPath(course.id, next.slug)}
                className="text-ink after:absolute after:inset-0 after:rounded-sheet hover:no-underline focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
              >
                {title}
              </Link>
            ) : (
              title
            )}
          </h3>
          {next && <LessonMenu card={card} course={course} title={title} />}
        </div>
        <p className="text-small text-ink-soft">{summary.filter(Boolean).join(". ")}</p>
        {card.state !== CourseState.BROKEN && lessons > 0 && (
          <div className="mt-auto flex items-center gap-3 pt-4 text-small">
            <ProgressBar
              className="flex-1"
              name={t("library.progressOf", { course: title })}
              fraction={passed / lessons}
              tone={passed === lessons ? "pass" : "accent"}
            />
            <span className="text-ink-soft tabular">{t("library.passedOf", { passed, total: lessons })}</span>
          </div>
        )}
      </div>
      <CourseFooter card={card} course={course} title={title} />
    </li>
  );
}

function LessonMenu({ card, course, title }: { card: CourseCard; course: CourseSummary; title: string }) {
  const t = useT();
  const locale = useLocale();
  const go = useGo();
  const name = t("library.lessonsOfCourse", { course: title });
  return (
    <Menu
      name={name}
      placement="bottom end"
      trigger={
        <IconButton className="relative z-1 -mt-0.5 -mr-1.5" size="small" icon={Ellipsis} name={name} />
      }
    >
      {course.lessons.map((lesson, index) => {
        const mark = lessonMarks[verdictOf(progressOf(card, lesson.id))];
        return (
          <MenuItem
            key={lesson.id}
            id={lesson.id}
            label={`${index + 1}. ${pickText(lesson.title, locale)}`}
            icon={mark.icon}
            note={t(mark.labelKey)}
            onAction={() => go(lessonPath(course.id, lesson.slug))}
          />
        );
      })}
    </Menu>
  );
}
