import type { Report, TestResult } from "@/gen/carrel/harness/v1/report_pb";
import { TestStatus, Verdict } from "@/gen/carrel/harness/v1/report_pb";
import type { CheckEvent } from "@/gen/carrel/ide/v1/event_service_pb";

/** Where the check that the panel shows is. */
export type CheckPhase =
  | { readonly kind: "none" }
  | { readonly kind: "starting" }
  | { readonly kind: "queued"; readonly ahead: number }
  | { readonly kind: "opening" }
  | { readonly kind: "running"; readonly total: number }
  | { readonly kind: "stopped" }
  | { readonly kind: "done"; readonly report: Report };

/** CheckState is what the checks panel shows: a fold over the events of one check, or a recorded attempt. */
export interface CheckState {
  /** Empty until StartCheck has answered or the first event has come. */
  readonly checkId: string;
  readonly phase: CheckPhase;
  /** In the order of arrival; a row never moves. */
  readonly rows: readonly TestResult[];
  /** Checks that are over: their late events are ignored. */
  readonly past: ReadonlySet<string>;
}

export const NO_CHECK: CheckState = { checkId: "", phase: { kind: "none" }, rows: [], past: new Set() };

export function isUnderWay(state: CheckState): boolean {
  return ["starting", "queued", "opening", "running"].includes(state.phase.kind);
}

/** The learner pressed Check. */
export function started(state: CheckState): CheckState {
  return { checkId: "", phase: { kind: "starting" }, rows: [], past: retire(state) };
}

/** StartCheck has answered. Events may have come before the answer. */
export function accepted(state: CheckState, checkId: string): CheckState {
  return state.checkId === "" && state.phase.kind === "starting" ? { ...state, checkId } : state;
}

/** StartCheck was refused: the panel shows what it showed before. */
export function refused(state: CheckState, before: CheckState): CheckState {
  return state.phase.kind === "starting" ? before : state;
}

/** A recorded attempt is shown. */
export function recorded(state: CheckState, attemptId: string, report: Report): CheckState {
  return { checkId: attemptId, phase: { kind: "done", report }, rows: report.tests, past: retire(state) };
}

/** Folds one event. Events of a check that is over change nothing. */
export function advance(state: CheckState, event: CheckEvent): CheckState {
  if (state.past.has(event.checkId)) return state;
  if (state.checkId !== event.checkId) {
    const fresh = state.checkId === "" && state.phase.kind === "starting" ? state : started(state);
    return step({ ...fresh, checkId: event.checkId }, event.step);
  }
  return isUnderWay(state) ? step(state, event.step) : state;
}

function step(state: CheckState, news: CheckEvent["step"]): CheckState {
  switch (news.case) {
    case "queued":
      return { ...state, phase: { kind: "queued", ahead: news.value } };
    case "opening":
      return { ...state, phase: { kind: "opening" } };
    case "running":
      return { ...state, phase: { kind: "running", total: news.value } };
    case "test":
      return { ...state, rows: withRow(state.rows, news.value) };
    case "report":
      return {
        ...state,
        phase: { kind: "done", report: news.value },
        rows: news.value.tests.reduce(withRow, state.rows),
      };
    case "stopped":
      return { ...state, phase: { kind: "stopped" } };
    default:
      return state;
  }
}

function withRow(rows: readonly TestResult[], row: TestResult): readonly TestResult[] {
  const at = rows.findIndex((known) => known.id === row.id);
  return at < 0 ? [...rows, row] : rows.map((known, index) => (index === at ? row : known));
}

function retire(state: CheckState): ReadonlySet<string> {
  return state.checkId === "" ? state.past : new Set([...state.past, state.checkId]);
}

export function hasFailed(test: TestResult): boolean {
  return test.status === TestStatus.FAILED || test.status === TestStatus.ERRORED;
}

export interface Counts {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

/** Counts rows. While tests run, total is the number that was announced. */
export function counts(state: CheckState): Counts {
  const announced = state.phase.kind === "running" ? state.phase.total : 0;
  return {
    total: Math.max(announced, state.rows.length),
    passed: state.rows.filter((test) => test.status === TestStatus.PASSED).length,
    failed: state.rows.filter(hasFailed).length,
    notRun: state.rows.filter((test) => test.status === TestStatus.NOT_RUN).length,
  };
}

export function verdictOf(state: CheckState): Verdict {
  return state.phase.kind === "done" ? state.phase.report.verdict : Verdict.UNSPECIFIED;
}
