import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RunEventSchema } from "@/gen/carrel/ide/v1/event_service_pb";
import { appended, MAX_OUTPUT, NO_OUTPUT } from "./output-log";
import { isRunning, runAccepted, runAdvanced, runStarted } from "./run-state";

const event = (init: MessageInitShape<typeof RunEventSchema>) => create(RunEventSchema, init);

describe("the output log", () => {
  it("joins small pieces of one stream", () => {
    const log = appended(appended(appended(NO_OUTPUT, "out", "a"), "out", "b"), "err", "c");
    expect(log.pieces.map((piece) => [piece.stream, piece.text])).toEqual([
      ["out", "ab"],
      ["err", "c"],
    ]);
  });

  it("keeps the end of a flood and says how much is gone", () => {
    let log = NO_OUTPUT;
    for (let turn = 0; turn < 150; turn++) log = appended(log, "out", "x".repeat(10_000));
    expect(log.size).toBe(MAX_OUTPUT);
    expect(log.dropped).toBe(500_000);
    expect(log.pieces.reduce((sum, piece) => sum + piece.text.length, 0)).toBe(MAX_OUTPUT);
  });

  it("keeps the end of one piece that is too large", () => {
    const log = appended(NO_OUTPUT, "out", `${"x".repeat(MAX_OUTPUT)}end`);
    expect(log.size).toBe(MAX_OUTPUT);
    expect(log.pieces[0]?.text.endsWith("end")).toBe(true);
  });
});

describe("a run", () => {
  it("collects output until it ends", () => {
    let state = runAccepted(runStarted(), "r");
    state = runAdvanced(state, event({ runId: "r", stream: 1, text: "hello\n" }));
    state = runAdvanced(state, event({ runId: "other", stream: 1, text: "no" }));
    state = runAdvanced(state, event({ runId: "r", stream: 2, text: "oops\n", ended: true, exitCode: 1 }));
    expect(isRunning(state)).toBe(false);
    expect(state.phase).toMatchObject({ kind: "ended", exitCode: 1 });
    expect(state.log.pieces.map((piece) => piece.stream)).toEqual(["out", "err"]);
  });
});
