import { ChevronRight, ListChecks, Play, Square } from "lucide-react";
import { pickText } from "@/api/text";
import { useCommand, useCommandRegistry } from "@/commands/use-command";
import { useLocale, useT } from "@/i18n/use-t";
import { Button, IconButton } from "@/ui/button";
import { StepBar } from "@/ui/step-bar";
import { TopBarSlot } from "@/ui/top-bar";
import { counts, isUnderWay } from "../checks/check-state";
import { useLayoutKind } from "../layout/use-window";
import { isRunning } from "../output/run-state";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useCourse } from "../session/use-course";
import { RunnerSwitch } from "./runner-switch";
import { SaveChip } from "./save-chip";

/** The lesson's parts of the top bar. */
export function LessonTopBar() {
  const { lesson } = useLesson();
  return (
    <>
      <TopBarSlot place="start">
        <Crumbs />
      </TopBarSlot>
      <TopBarSlot place="end">
        <SaveChip />
        {lesson.lesson?.hasExercise && (
          <>
            <RunnerSwitch />
            {lesson.runCommand.length > 0 && <RunButton />}
            <CheckButton />
          </>
        )}
      </TopBarSlot>
    </>
  );
}

function Crumbs() {
  const t = useT();
  const locale = useLocale();
  const kind = useLayoutKind();
  const { lesson, slug } = useLesson();
  const { lessons, number, isDone } = useCourse();
  const place = { number, total: lessons.length };
  return (
    <>
      <nav aria-label={t("lesson.whereYouAre")} className="flex min-w-0 items-center gap-1 whitespace-nowrap">
        {kind !== "phone" && (
          <>
            <span className="min-w-0 shrink-[99] truncate text-ink-soft">
              {pickText(lesson.course?.title, locale)}
            </span>
            <ChevronRight aria-hidden size={14} className="text-ink-faint" />
          </>
        )}
        <span aria-current="page" className="min-w-0 truncate font-strong">
          {pickText(lesson.lesson?.title, locale)}
        </span>
      </nav>
      <span aria-hidden className="mx-1 hidden h-5 w-px shrink-0 bg-line-strong wide:block" />
      <StepBar
        name={t("lesson.steps")}
        current={slug}
        steps={lessons.map((each) => ({
          id: each.slug,
          name: pickText(each.title, locale),
          state: isDone(each) ? "done" : "open",
        }))}
        label={
          kind === "phone" || kind === "small" ? t("lesson.stepOf", place) : `${place.number}/${place.total}`
        }
      />
    </>
  );
}

function RunButton() {
  const t = useT();
  const kind = useLayoutKind();
  const commands = useCommandRegistry();
  const running = useLessonState((state) => isRunning(state.run));
  const icon = running ? Square : Play;
  const label = t(running ? "lesson.stopRun" : "lesson.run");
  const press = () => commands.run(running ? "lesson.stopRun" : "lesson.run");
  if (kind === "phone" || kind === "small") {
    return (
      <IconButton
        kind="secondary"
        name={label}
        icon={icon}
        keys="Alt+Enter"
        className="size-9"
        onPress={press}
      />
    );
  }
  return (
    <Button size="large" icon={icon} onPress={press}>
      {label}
    </Button>
  );
}

function CheckButton() {
  const t = useT();
  const kind = useLayoutKind();
  const commands = useCommandRegistry();
  const check = useLessonState((state) => state.check);
  // After a pass the way on is the one primary button.
  const onResult = useLessonState((state) => state.guideTab === "result");
  const roomy = kind !== "phone" && kind !== "small";
  if (!isUnderWay(check)) {
    return (
      <Button
        kind={onResult ? "secondary" : "primary"}
        size="large"
        icon={ListChecks}
        keys={roomy ? "Mod+Enter" : undefined}
        onPress={() => commands.run("lesson.check")}
      >
        {t("lesson.check")}
      </Button>
    );
  }
  const { total } = counts(check);
  return (
    <>
      <StopKey />
      <Button
        kind="primary"
        size="large"
        busy
        keys={roomy ? "Escape" : undefined}
        aria-label={t("lesson.stopCheck")}
        onPress={() => commands.run("lesson.stopCheck")}
      >
        <span className="tabular">
          {total > 0
            ? t("lesson.checkingOf", { number: Math.min(total, check.rows.length + 1), total })
            : t("lesson.checking")}
        </span>
      </Button>
    </>
  );
}

/** Esc belongs to the check only while there is one to stop. */
function StopKey() {
  const { session } = useLesson();
  useCommand({
    id: "lesson.stopCheck",
    labelKey: "lesson.stopCheck",
    icon: Square,
    keys: "Escape",
    run: () => void session.stopCheck(),
  });
  return null;
}
