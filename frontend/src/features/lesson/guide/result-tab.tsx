import "./stamp.css";
import { pickText } from "@/api/text";
import { Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { LessonStatus } from "@/gen/carrel/ide/v1/library_service_pb";
import { useFormat } from "@/i18n/format";
import { useLocale, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { VerdictChip, type VerdictState } from "@/ui/verdict-chip";
import { verdictTitle } from "../checks/verdict-words";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useAttempts, useShownCheck } from "../session/use-attempts";
import { useCourse } from "../session/use-course";
import { Stamp } from "./stamp";
import { useHints } from "./use-hints";

/** The lesson is passed: the stamp, who says so, what it took, and the way on. */
export function ResultTab() {
  const t = useT();
  const locale = useLocale();
  const { lesson } = useLesson();
  const check = useShownCheck();
  const fresh = useLessonState(
    (state) => state.freshPass === state.check.checkId && state.freshPass !== undefined,
  );
  const status = lesson.progress?.status;
  const verified = status === LessonStatus.VERIFIED;
  const mismatch = status === LessonStatus.MISMATCH;
  const state: VerdictState = mismatch ? "mismatch" : verified ? "verified" : "local";
  const passed =
    check.phase.kind === "done" && check.phase.report.verdict === Verdict.PASSED
      ? check.phase.report
      : undefined;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col gap-5 px-7 py-8 max-medium:px-4">
      <span
        aria-hidden
        className={classes("stamp-lamp absolute inset-x-0 top-0 h-60", fresh && "stamp-lamp-fresh")}
      />
      <div className="relative flex flex-col gap-5">
        <Stamp verified={verified} fresh={fresh} />
        <div>
          <h1 className="font-reading text-[24px]/8 font-strong tracking-[-0.01em]">
            {passed ? verdictTitle(passed, check.rows, t) : t("lesson.result.title")}
          </h1>
          <p className="mt-1 font-reading text-reading text-ink-soft">
            {t("lesson.result.done", { title: pickText(lesson.lesson?.title, locale) })}
          </p>
        </div>
        <p className="flex items-center gap-3 rounded-[8px] border border-line px-3 py-2.5 text-small text-ink-soft">
          <VerdictChip state={state} />
          <span>
            {t(
              `lesson.result.${state === "local" ? "local" : state === "verified" ? "verified" : "mismatch"}`,
            )}
          </span>
        </p>
        <Facts />
      </div>
      <NextCard />
    </div>
  );
}

function Facts() {
  const t = useT();
  const format = useFormat();
  const { lesson } = useLesson();
  const check = useShownCheck();
  const { list } = useAttempts();
  const { opened } = useHints();
  const minutes = Math.round(Number(lesson.progress?.activeMs ?? 0n) / 60_000);
  const duration = check.phase.kind === "done" ? Number(check.phase.report.usage?.wallMs ?? 0n) : 0;
  const facts = [
    minutes > 0 && [t("lesson.result.time"), t("lesson.result.minutes", { count: minutes })],
    [t("lesson.attempts"), String(Math.max(lesson.progress?.attempts ?? 0, list?.length ?? 0))],
    lesson.hints > 0 && [
      t("lesson.result.hints"),
      t("lesson.stepOf", { number: opened, total: lesson.hints }),
    ],
    duration > 0 && [t("lesson.result.checkTime"), format.duration(duration)],
  ].filter((fact): fact is string[] => fact !== false);
  return (
    <dl className="grid grid-cols-2 gap-x-4 gap-y-3">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-small text-ink-faint">{name}</dt>
          <dd className="text-title tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function NextCard() {
  const t = useT();
  const locale = useLocale();
  const { next, number, lessons, go } = useCourse();
  if (!next) return <p className="mt-auto text-ink-soft">{t("lesson.result.last")}</p>;
  return (
    <div className="mt-auto flex items-center gap-3 rounded-sheet border border-accent-line bg-accent-tint p-4">
      <div className="min-w-0 flex-1">
        <p className="text-small text-ink-soft">
          {t("lesson.result.next", { number: number + 1, total: lessons.length })}
        </p>
        <p className="font-reading text-[16px]/6 font-strong">{pickText(next.title, locale)}</p>
        {next.minutes > 0 && (
          <p className="text-small text-ink-soft">{t("lesson.head.minutes", { count: next.minutes })}</p>
        )}
      </div>
      <Button kind="primary" size="large" keys="Alt+PageDown" onPress={() => go(next)}>
        {t("lesson.result.continue")}
      </Button>
    </div>
  );
}
