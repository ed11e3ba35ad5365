import { CircleCheck, CircleX } from "lucide-react";
import { Link } from "wouter";
import { pickText } from "@/api/text";
import { isPassed, type WaitingLesson, waitingLessons } from "@/features/library/progress";
import type { CourseCard } from "@/gen/carrel/ide/v1/library_service_pb";
import type { SyncStatus } from "@/gen/carrel/ide/v1/sync_service_pb";
import { useFormat } from "@/i18n/format";
import { useLocale, useT } from "@/i18n/use-t";
import { Chip, Count } from "@/ui/chip";
import { lessonPath } from "@/ui/routes";

const shown = 5;

/** Work that is safe here and has not reached the cloud yet. Nothing to show when all of it has. */
export function WaitingList({ cards, status }: { cards: readonly CourseCard[]; status: SyncStatus }) {
  const t = useT();
  if (status.waiting === 0) return null;
  const lessons = waitingLessons(cards, status.lastSyncAtMs).slice(0, shown);
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting" className="mb-1 flex items-center gap-2 font-strong">
        {t("library.waiting")}
        <Count>{status.waiting}</Count>
      </h2>
      <ul>
        {lessons.map((each) => (
          <WaitingRow key={each.lesson.id} {...each} />
        ))}
      </ul>
      {lessons.length === 0 && <p className="text-small text-ink-soft">{t("library.waitingText")}</p>}
    </section>
  );
}

function WaitingRow({ card, lesson, progress }: WaitingLesson) {
  const t = useT();
  const locale = useLocale();
  const format = useFormat();
  const passed = isPassed(progress);
  const Icon = passed ? CircleCheck : CircleX;
  const time = format.moment(progress.lastAtMs);
  return (
    <li className="flex items-start gap-3 border-line-strong py-2 not-first:border-t">
      <Icon aria-hidden size={16} className={`mt-0.5 ${passed ? "text-pass" : "text-fail"}`} />
      <div className="min-w-0 flex-1">
        <Link
          href={lessonPath(card.course?.id ?? "", lesson.slug)}
          className="block truncate font-medium text-ink"
        >
          {pickText(lesson.title, locale)}
        </Link>
        <div className="text-small text-ink-soft tabular">
          {passed
            ? t("library.passedHere", { time })
            : t("library.attemptsLast", { count: progress.attempts, time })}
        </div>
      </div>
      <Chip tone={passed ? "local" : "neutral"}>{t("verdict.local")}</Chip>
    </li>
  );
}
