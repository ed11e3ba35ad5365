import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import { RunnerKind } from "@/gen/carrel/ide/v1/check_service_pb";
import { FilesChangedSchema, RunEventSchema } from "@/gen/carrel/ide/v1/event_service_pb";
import { memoryShelf } from "../testing/memory-disk";
import { checkEvent, failed, passed, report, Verdict } from "../testing/reports";
import { LESSON_ID } from "../testing/sample-lesson";
import { SampleServer } from "../testing/sample-server";
import { LessonSession } from "./lesson-session";

const MAIN = "wordfreq.py";

function setUp() {
  const server = new SampleServer();
  const session = new LessonSession(createRouterTransport(server.serve), LESSON_ID, memoryShelf());
  const state = () => session.store.getState();
  const emit = (step: Parameters<typeof checkEvent>[1], checkId = "check-1") =>
    session.onCheckEvent(checkEvent(checkId, step, LESSON_ID));
  return { server, session, state, emit };
}

describe("a check", () => {
  it("runs on what was typed up to the last key", async () => {
    const { server, session, state } = setUp();
    await session.openFile(MAIN);
    session.buffers.find(MAIN)?.edit("print('typed')");
    await session.check(RunnerKind.DOCKER);
    expect(server.checked).toEqual(["print('typed')"]);
    expect(state().check.checkId).toBe("check-1");
  });

  it("does not start while a file on disk is another one, and says so", async () => {
    const { server, session, state } = setUp();
    await session.openFile(MAIN);
    session.buffers.find(MAIN)?.edit("mine");
    server.files.set(MAIN, "theirs");
    await session.check(RunnerKind.DOCKER);
    expect(server.checked).toEqual([]);
    expect(state()).toMatchObject({ checkProblem: { kind: "conflict" }, check: { phase: { kind: "none" } } });
  });

  it("shows the result before it when it was refused", async () => {
    const { server, session, state, emit } = setUp();
    await session.check(RunnerKind.DOCKER);
    emit({ case: "report", value: report(Verdict.FAILED, [failed("a")]) });
    const before = state().check;
    server.refusal = new ConnectError("Docker is not running.", Code.Unavailable);
    await session.check(RunnerKind.DOCKER);
    expect(state().check).toBe(before);
    expect(state().checkProblem).toMatchObject({ kind: "offline", message: "Docker is not running." });
  });

  it("is announced once, and a pass is fresh", async () => {
    const { session, state, emit } = setUp();
    await session.check(RunnerKind.DOCKER);
    emit({ case: "report", value: report(Verdict.PASSED, [passed("a")]) });
    expect(state()).toMatchObject({ announced: "check-1", freshPass: "check-1", guideTab: "result" });
  });

  it("that comes again after a reload is neither announced nor fresh", () => {
    const { state, emit } = setUp();
    emit({ case: "running", value: 1 });
    emit({ case: "report", value: report(Verdict.PASSED, [passed("a")]) });
    expect(state()).toMatchObject({ announced: undefined, freshPass: undefined, guideTab: undefined });
    expect(state().check.phase.kind).toBe("done");
  });

  it("that is stopped before it has an id is stopped as soon as it has one", async () => {
    const { server, session } = setUp();
    const started = session.check(RunnerKind.DOCKER);
    await session.stopCheck();
    await started;
    expect(server.stopped).toEqual(["check-1"]);
  });

  it("whose report was missed is taken from the attempts", async () => {
    const { server, session, state } = setUp();
    await session.check(RunnerKind.DOCKER);
    const [attempt] = server.attempts;
    session.onAttemptsListed(attempt ? [{ ...attempt, id: "check-1" }] : []);
    expect(state().check.phase.kind).toBe("done");
  });
});

describe("a run", () => {
  it("keeps output that came before its id", async () => {
    const { session, state } = setUp();
    const event = create(RunEventSchema, { runId: "run-1", stream: 1, text: "early\n" });
    const running = session.run();
    session.onRunEvent(event);
    await running;
    expect(state().run.log.pieces.map((piece) => piece.text)).toEqual(["early\n"]);
  });
});

describe("files", () => {
  it("changed by another program are shown when nothing was typed", async () => {
    const { server, session } = setUp();
    await session.openFile(MAIN);
    server.files.set(MAIN, "theirs");
    session.onFilesChanged(create(FilesChangedSchema, { lessonId: LESSON_ID, paths: [MAIN] }));
    await vi.waitFor(() => expect(session.buffers.find(MAIN)?.currentText()).toBe("theirs"));
  });

  it("closed one after another leave the neighbour open", async () => {
    const { session, state } = setUp();
    await session.openFile(MAIN);
    await session.openFile("README.md");
    await session.closeFile("README.md");
    expect(state()).toMatchObject({ openFiles: [MAIN], activeFile: MAIN });
    await session.closeFile(MAIN);
    expect(state()).toMatchObject({ openFiles: [], activeFile: "" });
  });

  it("that are gone say so", async () => {
    const { session, state } = setUp();
    await session.openFile("gone.py");
    expect(state().fileProblem?.kind).toBe("notFound");
  });
});
