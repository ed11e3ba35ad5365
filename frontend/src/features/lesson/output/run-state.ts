import type { RunEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import { appended, NO_OUTPUT, type OutputLog } from "./output-log";

export type RunPhase =
  | { readonly kind: "none" }
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | {
      readonly kind: "ended";
      readonly exitCode: number;
      readonly limitHit: string;
      readonly message: string;
    };

/** RunState is the last Run and what it printed. */
export interface RunState {
  readonly runId: string;
  readonly phase: RunPhase;
  readonly log: OutputLog;
}

export const NO_RUN: RunState = { runId: "", phase: { kind: "none" }, log: NO_OUTPUT };

export function isRunning(state: RunState): boolean {
  return state.phase.kind === "starting" || state.phase.kind === "running";
}

export function runStarted(): RunState {
  return { runId: "", phase: { kind: "starting" }, log: NO_OUTPUT };
}

export function runAccepted(state: RunState, runId: string): RunState {
  if (state.phase.kind !== "starting" || state.runId !== "") return state;
  return { ...state, runId, phase: { kind: "running" } };
}

export function runRefused(state: RunState, message: string): RunState {
  return { ...state, phase: { kind: "ended", exitCode: -1, limitHit: "", message } };
}

/**
 * Folds one event of the run. The run's id is known from StartRun's answer; events that came before the answer are
 * kept by the caller and folded after it.
 */
export function runAdvanced(state: RunState, event: RunEvent): RunState {
  if (event.runId !== state.runId || state.phase.kind === "ended") return state;
  const log = appended(state.log, event.stream === 2 ? "err" : "out", event.text);
  if (!event.ended) return { ...state, log };
  const { exitCode, limitHit, message } = event;
  return { ...state, log, phase: { kind: "ended", exitCode, limitHit, message } };
}
