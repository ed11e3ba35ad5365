import { createStore, type StoreApi } from "zustand";
import type { Problem } from "@/api/problem";
import type { AnswerResult } from "@/gen/carrel/ide/v1/library_service_pb";
import { type CheckState, NO_CHECK } from "../checks/check-state";
import type { Place } from "../checks/test-source";
import type { QuizAnswers } from "../guide/quiz-answers";
import { NO_RUN, type RunState } from "../output/run-state";

export type GuideTab = "theory" | "task" | "hints" | "quiz" | "result";
export type PanelTab = "checks" | "terminal" | "output";
/** The one pane a phone shows. */
export type PhonePane = "lesson" | "code" | "checks";

/** What one lesson's screen shows beyond the answers of the server. */
export interface LessonState {
  readonly guideTab: GuideTab | undefined;
  readonly panelTab: PanelTab;
  readonly phonePane: PhonePane;
  readonly openFiles: readonly string[];
  readonly activeFile: string;
  /** Why the active file cannot be shown. */
  readonly fileProblem: Problem | undefined;
  /** The last wish to see a line; grows so that the same line can be wished for again. */
  readonly jump: (Place & { readonly wish: number }) | undefined;
  readonly cursor: { readonly line: number; readonly column: number };
  /** The file whose two versions are compared instead of edited. */
  readonly comparing: string | undefined;

  readonly check: CheckState;
  /** Why the last check could not start. */
  readonly checkProblem: Problem | undefined;
  /** The row the learner chose. */
  readonly chosenTest: string | undefined;
  /** The check that passed while the learner watched: its stamp is set with a movement, and only once. */
  readonly freshPass: string | undefined;
  /** Says a result once, to screen readers. */
  readonly announced: string | undefined;

  /** Hints opened while this screen is open. */
  readonly hintsOpened: number;
  readonly answers: QuizAnswers;
  /** What the server said about an answer; goes away when the answer changes. */
  readonly results: ReadonlyMap<string, AnswerResult>;

  readonly run: RunState;
  readonly outputOf: "run" | "check";
  /** Grows with every wish to type into the terminal. */
  readonly terminalWish: number;
  readonly attemptsOpen: boolean;
  readonly goToFileOpen: boolean;
}

export type LessonStore = StoreApi<LessonState>;

export function createLessonStore(): LessonStore {
  return createStore<LessonState>(() => ({
    guideTab: undefined,
    panelTab: "checks",
    phonePane: "lesson",
    openFiles: [],
    activeFile: "",
    fileProblem: undefined,
    jump: undefined,
    cursor: { line: 1, column: 1 },
    comparing: undefined,
    check: NO_CHECK,
    checkProblem: undefined,
    chosenTest: undefined,
    freshPass: undefined,
    announced: undefined,
    hintsOpened: 0,
    answers: new Map(),
    results: new Map(),
    run: NO_RUN,
    outputOf: "run",
    terminalWish: 0,
    attemptsOpen: false,
    goToFileOpen: false,
  }));
}
