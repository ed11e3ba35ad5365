import { CircleX, Clock } from "lucide-react";
import { pickText } from "@/api/text";
import { LessonRows } from "@/features/library/lesson-rows";
import { progressOf, verdictOf } from "@/features/library/progress";
import type { CourseCard } from "@/gen/carrel/ide/v1/library_service_pb";
import { useFormat } from "@/i18n/format";
import { useLocale, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { lessonPath, useGo } from "@/ui/routes";
import { VerdictChip } from "@/ui/verdict-chip";

const minuteMs = 60_000;

/** The one next step of this screen: the lesson the person left last, and its neighbours. */
export function ContinueCard({ card, slug }: { card: CourseCard; slug: string }) {
  const t = useT();
  const locale = useLocale();
  const format = useFormat();
  const go = useGo();
  const lessons = card.course?.lessons ?? [];
  const index = lessons.findIndex((lesson) => lesson.slug === slug);
  const lesson = lessons[index];
  if (!lesson || !card.course) return null;
  const { course } = card;
  const progress = progressOf(card, lesson.id);
  const minutes = Math.round(Number(progress?.activeMs ?? 0n) / minuteMs);
  const verdict = verdictOf(progress);
  return (
    <section
      aria-labelledby="continue"
      className="sheet grid overflow-hidden compact:grid-cols-[minmax(0,1fr)_minmax(0,340px)]"
    >
      <div className="flex min-h-58 flex-col items-start px-7 py-6">
        <p className="mb-1 text-small text-ink-faint tabular">
          {progress && progress.lastAtMs > 0n
            ? t("library.continueAt", { time: format.moment(progress.lastAtMs) })
            : t("library.continueNew")}
        </p>
        <h2 id="continue" className="font-reading text-display font-strong tracking-[-.015em]">
          {pickText(lesson.title, locale)}
        </h2>
        <p className="mt-1 text-ink-soft">
          {t("library.continueWhere", {
            course: pickText(course.title, locale),
            number: index + 1,
            total: lessons.length,
          })}
        </p>
        <div className="mt-3 mb-6 flex flex-wrap gap-2">
          {verdict === "failed" && progress ? (
            <Chip tone="fail" icon={CircleX}>
              {t("library.failedOf", { count: progress.lastFailed, total: progress.lastTotal })}
            </Chip>
          ) : (
            <VerdictChip state={verdict} />
          )}
          {minutes > 0 && <Chip icon={Clock}>{t("library.minutesSoFar", { count: minutes })}</Chip>}
        </div>
        <Button
          className="mt-auto"
          kind="primary"
          size="large"
          onPress={() => go(lessonPath(course.id, lesson.slug))}
        >
          {t(progress && progress.attempts > 0 ? "library.continue" : "library.start")}
        </Button>
      </div>
      <div className="relative border-line bg-sheet-sunken max-compact:hidden compact:border-l">
        <div className="absolute inset-0 flex flex-col">
          <h3 className="flex h-9 shrink-0 items-center border-b border-line px-4 text-small font-medium text-ink-soft">
            {t("library.lessonsOf")}
          </h3>
          <LessonRows card={card} course={course} currentSlug={slug} />
        </div>
      </div>
    </section>
  );
}
