import { useQuery } from "@connectrpc/connect-query";
import { Lightbulb } from "lucide-react";
import { toProblem } from "@/api/problem";
import { pickText } from "@/api/text";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Markdown } from "@/ui/markdown";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { useLesson } from "../session/lesson-context";
import { useHints } from "./use-hints";

/** Hints, one at a time. Opened ones stay; a hint is never taken back. */
export function HintsTab() {
  const t = useT();
  const { lesson } = useLesson();
  const { opened, openNext } = useHints();
  const left = lesson.hints - opened;
  return (
    <div className="px-7 py-6 max-medium:px-4">
      <h1 className="font-reading text-title font-strong">{t("lesson.hints.title")}</h1>
      <p className="mt-1 text-ink-soft">{t("lesson.hints.intro")}</p>
      <ol className="mt-4 grid gap-3">
        {Array.from({ length: opened }, (_, index) => index + 1).map((number) => (
          <Hint key={number} number={number} />
        ))}
      </ol>
      {left > 0 ? (
        <Button icon={Lightbulb} className="mt-4" onPress={openNext}>
          {t("lesson.hints.open", { number: opened + 1 })}
        </Button>
      ) : (
        <p className="mt-4 text-small text-ink-faint">{t("lesson.hints.all")}</p>
      )}
    </div>
  );
}

function Hint({ number }: { number: number }) {
  const t = useT();
  const locale = useLocale();
  const { courseId, slug } = useLesson();
  const { data, error, refetch } = useQuery(LibraryService.method.openHint, { courseId, slug, number });
  return (
    <li className="rounded-[8px] border border-line bg-sheet-sunken px-4 py-3">
      <h2 className="mb-1 text-small font-medium text-ink-faint">{t("lesson.hints.number", { number })}</h2>
      {data ? (
        <Markdown size="small" text={pickText(data.hint, locale)} />
      ) : error ? (
        <ProblemState problem={toProblem(error)} onRetry={() => void refetch()} />
      ) : (
        <Skeleton lines={2} />
      )}
    </li>
  );
}
