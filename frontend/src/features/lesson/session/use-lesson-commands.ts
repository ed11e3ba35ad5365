import {
  ChevronDown,
  ChevronUp,
  FileSearch,
  History,
  ListChecks,
  PanelLeft,
  Play,
  Save,
  Square,
  SquareTerminal,
  StepBack,
  StepForward,
} from "lucide-react";
import { useCommand } from "@/commands/use-command";
import { isUnderWay } from "../checks/check-state";
import { neighbourFailure, selectedTest } from "../checks/selection";
import { focusPane } from "../layout/panes";
import { isRunning } from "../output/run-state";
import { useLesson, useLessonState } from "./lesson-context";
import { useShownCheck } from "./use-attempts";
import { useCourse } from "./use-course";
import { useRunner } from "./use-runner";

/** Everything a learner can do in a lesson, as data. */
export function useLessonCommands(): void {
  const { session, lesson } = useLesson();
  const { store } = session;
  const { runner } = useRunner();
  const course = useCourse();
  const check = useShownCheck();
  const checking = useLessonState((state) => isUnderWay(state.check));
  const running = useLessonState((state) => isRunning(state.run));
  const chosen = useLessonState((state) => state.chosenTest);
  const hasExercise = lesson.lesson?.hasExercise ?? false;
  const goToFailure = (direction: 1 | -1) => {
    const next = neighbourFailure(check.rows, selectedTest(check.rows, chosen)?.id, direction);
    if (next) store.setState({ chosenTest: next.id, panelTab: "checks", phonePane: "checks" });
  };

  useCommand({
    id: "lesson.check",
    labelKey: "lesson.check",
    icon: ListChecks,
    keys: "Mod+Enter",
    enabled: hasExercise && !checking,
    run: () => void session.check(runner),
  });
  useCommand({
    id: "lesson.run",
    labelKey: "lesson.run",
    icon: Play,
    keys: "Alt+Enter",
    enabled: lesson.runCommand.length > 0 && !running,
    run: () => void session.run(),
  });
  useCommand({
    id: "lesson.stopRun",
    labelKey: "lesson.stopRun",
    icon: Square,
    enabled: running,
    run: () => void session.stopRun(),
  });
  useCommand({
    id: "lesson.save",
    labelKey: "lesson.save",
    icon: Save,
    keys: "Mod+KeyS",
    run: () => void session.buffers.flush(),
  });
  useCommand({
    id: "lesson.nextFailure",
    labelKey: "lesson.nextFailure",
    icon: ChevronDown,
    keys: "F8",
    run: () => goToFailure(1),
  });
  useCommand({
    id: "lesson.previousFailure",
    labelKey: "lesson.previousFailure",
    icon: ChevronUp,
    keys: "Shift+F8",
    run: () => goToFailure(-1),
  });
  useCommand({
    id: "lesson.nextPane",
    labelKey: "lesson.nextPane",
    icon: PanelLeft,
    keys: "F6",
    hidden: true,
    run: () => focusPane(1),
  });
  useCommand({
    id: "lesson.previousPane",
    labelKey: "lesson.previousPane",
    icon: PanelLeft,
    keys: "Shift+F6",
    hidden: true,
    run: () => focusPane(-1),
  });
  useCommand({
    id: "lesson.terminal",
    labelKey: "lesson.terminal",
    icon: SquareTerminal,
    keys: "Ctrl+Backquote",
    enabled: hasExercise,
    run: () => store.setState({ panelTab: "terminal", phonePane: "checks", terminalWish: Date.now() }),
  });
  useCommand({
    id: "lesson.nextLesson",
    labelKey: "lesson.nextLesson",
    icon: StepForward,
    keys: "Alt+PageDown",
    enabled: course.next !== undefined,
    run: () => course.go(course.next),
  });
  useCommand({
    id: "lesson.previousLesson",
    labelKey: "lesson.previousLesson",
    icon: StepBack,
    keys: "Alt+PageUp",
    enabled: course.previous !== undefined,
    run: () => course.go(course.previous),
  });
  useCommand({
    id: "lesson.goToFile",
    labelKey: "lesson.goToFile",
    icon: FileSearch,
    keys: "Mod+KeyP",
    enabled: hasExercise,
    run: () => store.setState({ goToFileOpen: true }),
  });
  useCommand({
    id: "lesson.attempts",
    labelKey: "lesson.attempts",
    icon: History,
    keys: "Mod+Shift+KeyH",
    enabled: hasExercise,
    run: () => store.setState((state) => ({ attemptsOpen: !state.attemptsOpen, phonePane: "code" })),
  });
}
