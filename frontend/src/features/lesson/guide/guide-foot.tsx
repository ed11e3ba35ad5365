import { ArrowRight, CircleCheck, Lightbulb } from "lucide-react";
import type { ReactNode } from "react";
import { pickText } from "@/api/text";
import { Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { hasFailed, isUnderWay, verdictOf } from "../checks/check-state";
import { testPlaces } from "../checks/test-source";
import { useTestTitle } from "../checks/use-test-title";
import { useLesson } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { isPassed, useCourse } from "../session/use-course";
import { useFiles } from "../session/use-files";
import { useHints } from "./use-hints";

/** One next step in words: the failure to look at, a hint, or the next lesson. */
export function GuideFoot() {
  const t = useT();
  const locale = useLocale();
  const { session, lesson } = useLesson();
  const check = useShownCheck();
  const { byPath } = useFiles();
  const titleOf = useTestTitle();
  const { opened, openNext } = useHints();
  const { next, go } = useCourse();
  const failure = isUnderWay(check) ? undefined : check.rows.find(hasFailed);
  const code = failure && testPlaces(failure, byPath).code;
  const done = verdictOf(check) === Verdict.PASSED || isPassed(lesson.progress?.status);

  if (failure && code) {
    return (
      <Foot icon={ArrowRight} text={t("lesson.foot.failure", { title: titleOf(failure) })}>
        <Button
          size="small"
          onPress={() => {
            session.store.setState({ chosenTest: failure.id, panelTab: "checks" });
            void session.jumpTo(code);
          }}
        >
          {t("lesson.foot.line", { line: code.line })}
        </Button>
      </Foot>
    );
  }
  if (done || !lesson.lesson?.hasExercise) {
    if (!next) return null;
    return (
      <Foot
        icon={done ? CircleCheck : ArrowRight}
        text={t("lesson.foot.next", { title: pickText(next.title, locale) })}
      >
        <Button size="small" onPress={() => go(next)}>
          {t("lesson.nextLesson")}
        </Button>
      </Foot>
    );
  }
  if (opened >= lesson.hints) return null;
  return (
    <Foot
      icon={Lightbulb}
      text={failure ? t("lesson.foot.failure", { title: titleOf(failure) }) : t("lesson.foot.hint")}
    >
      <Button size="small" onPress={openNext}>
        {t("lesson.hints.number", { number: opened + 1 })}
      </Button>
    </Foot>
  );
}

function Foot({ icon: Icon, text, children }: { icon: typeof Lightbulb; text: string; children: ReactNode }) {
  return (
    <footer className="flex min-h-12 shrink-0 items-center gap-2 border-t border-line bg-sheet-sunken py-1.5 pr-3 pl-4">
      <Icon aria-hidden size={16} className="text-ink-soft" />
      <p className="line-clamp-2 min-w-0 flex-1 text-small text-ink-soft">{text}</p>
      {children}
    </footer>
  );
}
