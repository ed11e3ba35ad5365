import { describe, expect, it } from "vitest";
import type { CheckEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import { checkEvent, failed, notRun, passed, report, Verdict } from "../testing/reports";
import {
  accepted,
  advance,
  type CheckState,
  counts,
  isUnderWay,
  NO_CHECK,
  recorded,
  refused,
  started,
} from "./check-state";

const fold = (state: CheckState, events: CheckEvent[]) => events.reduce(advance, state);
const ids = (state: CheckState) => state.rows.map((row) => row.id);

describe("a check from start to end", () => {
  const tests = [passed("a"), failed("b"), notRun("c")];
  const state = fold(accepted(started(NO_CHECK), "1"), [
    checkEvent("1", { case: "queued", value: 2 }),
    checkEvent("1", { case: "opening", value: true }),
    checkEvent("1", { case: "running", value: 3 }),
    checkEvent("1", { case: "test", value: tests[1] ?? failed("b") }),
    checkEvent("1", { case: "test", value: tests[0] ?? passed("a") }),
    checkEvent("1", { case: "report", value: report(Verdict.FAILED, tests) }),
  ]);

  it("keeps rows where they arrived and appends those that never ran", () => {
    expect(ids(state)).toEqual(["b", "a", "c"]);
  });

  it("counts every outcome", () => {
    expect(counts(state)).toEqual({ total: 3, passed: 1, failed: 1, notRun: 1 });
  });

  it("is over", () => {
    expect(isUnderWay(state)).toBe(false);
    expect(state.phase.kind).toBe("done");
  });
});

describe("events and answers out of step", () => {
  it("takes events that come before StartCheck has answered", () => {
    const early = advance(started(NO_CHECK), checkEvent("1", { case: "running", value: 4 }));
    expect(accepted(early, "1")).toBe(early);
    expect(early).toMatchObject({ checkId: "1", phase: { kind: "running", total: 4 } });
  });

  it("ignores late events of the check before", () => {
    const second = accepted(started(accepted(started(NO_CHECK), "1")), "2");
    expect(advance(second, checkEvent("1", { case: "test", value: failed("old") }))).toBe(second);
  });

  it("ignores events after the report", () => {
    const done = fold(accepted(started(NO_CHECK), "1"), [
      checkEvent("1", { case: "report", value: report(Verdict.PASSED, [passed("a")]) }),
    ]);
    expect(advance(done, checkEvent("1", { case: "test", value: failed("a") }))).toBe(done);
  });

  it("shows a check that was started elsewhere", () => {
    const shown = recorded(NO_CHECK, "1", report(Verdict.PASSED, [passed("a")]));
    const next = advance(shown, checkEvent("2", { case: "opening", value: true }));
    expect(next).toMatchObject({ checkId: "2", phase: { kind: "opening" }, rows: [] });
  });

  it("a repeated test event changes its row and adds none", () => {
    const state = fold(accepted(started(NO_CHECK), "1"), [
      checkEvent("1", { case: "test", value: failed("a") }),
      checkEvent("1", { case: "test", value: passed("b") }),
      checkEvent("1", { case: "test", value: passed("a") }),
    ]);
    expect(ids(state)).toEqual(["a", "b"]);
    expect(counts(state).failed).toBe(0);
  });
});

describe("a check that does not end with a report", () => {
  it("shows the previous result when it was refused", () => {
    const before = recorded(NO_CHECK, "1", report(Verdict.FAILED, [failed("a")]));
    expect(refused(started(before), before)).toBe(before);
  });

  it("keeps its rows when it was stopped", () => {
    const state = fold(accepted(started(NO_CHECK), "1"), [
      checkEvent("1", { case: "test", value: passed("a") }),
      checkEvent("1", { case: "stopped", value: true }),
    ]);
    expect(state.phase.kind).toBe("stopped");
    expect(ids(state)).toEqual(["a"]);
  });
});

it("announces the total while tests run", () => {
  const state = fold(accepted(started(NO_CHECK), "1"), [
    checkEvent("1", { case: "running", value: 7 }),
    checkEvent("1", { case: "test", value: passed("a") }),
  ]);
  expect(counts(state)).toMatchObject({ total: 7, passed: 1 });
});
