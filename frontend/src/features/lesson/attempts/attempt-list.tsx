import { toProblem } from "@/api/problem";
import { useT } from "@/i18n/use-t";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { useLesson } from "../session/lesson-context";
import { useAttempts } from "../session/use-attempts";
import { AttemptRow } from "./attempt-row";

/** Every attempt of the lesson, newest first. Choosing one shows its report. */
export function AttemptList() {
  const t = useT();
  const { session } = useLesson();
  const { list, error, refetch, numberOf } = useAttempts();
  if (error && !list) return <ProblemState problem={toProblem(error)} onRetry={refetch} />;
  if (!list) return <Skeleton lines={3} />;
  if (list.length === 0) return <p className="text-small text-ink-soft">{t("lesson.attempts.none")}</p>;
  return (
    <ol className="-mx-2">
      {list.map((attempt) => (
        <AttemptRow
          key={attempt.id}
          attempt={attempt}
          number={numberOf(attempt.id) ?? 0}
          onShow={() => session.showAttempt(attempt)}
        />
      ))}
    </ol>
  );
}
