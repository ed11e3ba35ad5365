import { createClient, type Transport } from "@connectrpc/connect";
import { type Problem, toProblem } from "@/api/problem";
import { Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { type Attempt, CheckService, type RunnerKind } from "@/gen/carrel/ide/v1/check_service_pb";
import type { CheckEvent, FilesChanged, RunEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import { type Entry, WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { BufferStore } from "../buffers/buffer-store";
import type { DraftShelf } from "../buffers/disk";
import { accepted, advance, isUnderWay, recorded, refused, started, verdictOf } from "../checks/check-state";
import type { Place } from "../checks/test-source";
import { isRunning, runAccepted, runAdvanced, runRefused, runStarted } from "../output/run-state";
import { connectDisk } from "./connect-disk";
import { createLessonStore, type LessonStore } from "./lesson-store";

/** What the caller says when typing could not be saved before a check. */
const UNSAVED: Problem = { kind: "conflict", message: "", hint: "" };

/** LessonSession is one open lesson: its buffers, its check and its run. It lives as long as the screen. */
export class LessonSession {
  readonly store: LessonStore = createLessonStore();
  readonly buffers: BufferStore;
  private readonly checks;
  private readonly workspace;
  private checkRequest: Promise<string> | undefined;
  private earlyRunEvents: RunEvent[] = [];
  private wishes = 0;
  private holders = 0;

  constructor(
    transport: Transport,
    readonly lessonId: string,
    shelf: DraftShelf,
  ) {
    this.checks = createClient(CheckService, transport);
    this.workspace = createClient(WorkspaceService, transport);
    this.buffers = new BufferStore(connectDisk(this.workspace, lessonId), shelf);
  }

  /** A screen shows the session. */
  hold(): void {
    this.holders += 1;
  }

  /** The screen is gone. Buffers are closed a moment later, unless the same screen comes back at once. */
  release(): void {
    this.holders -= 1;
    this.buffers.leave();
    setTimeout(() => {
      if (this.holders === 0) this.buffers.dispose();
    });
  }

  /** Opens a file in a tab and shows it. */
  async openFile(path: string): Promise<void> {
    const { openFiles } = this.store.getState();
    this.store.setState({
      activeFile: path,
      fileProblem: undefined,
      openFiles: openFiles.includes(path) ? openFiles : [...openFiles, path],
    });
    const result = await this.buffers.open(path);
    if (result.kind === "open" || this.store.getState().activeFile !== path) return;
    this.store.setState({
      fileProblem:
        result.kind === "failed"
          ? { kind: "internal", ...result.problem }
          : { kind: "notFound", message: "", hint: "" },
    });
  }

  /** Opens a file at a line. */
  async jumpTo(place: Place): Promise<void> {
    this.store.setState({ phonePane: "code", comparing: undefined });
    await this.openFile(place.path);
    this.wishes += 1;
    if (place.line > 0) this.store.setState({ jump: { ...place, wish: this.wishes } });
  }

  /** Saves and closes a tab; stays open when it could not be saved. */
  async closeFile(path: string): Promise<void> {
    if (await this.buffers.close(path)) this.forgetFile(path);
  }

  /** Takes tabs away whose file or folder is gone. */
  forgetFile(path: string): void {
    this.buffers.forget(path);
    const { openFiles, activeFile } = this.store.getState();
    const isGone = (open: string) => open === path || open.startsWith(`${path}/`);
    const rest = openFiles.filter((open) => !isGone(open));
    const at = openFiles.indexOf(activeFile);
    const next = isGone(activeFile) ? (rest[Math.min(at, rest.length - 1)] ?? "") : activeFile;
    this.store.setState({ openFiles: rest, activeFile: next, fileProblem: undefined, comparing: undefined });
    if (next !== "" && next !== activeFile) void this.openFile(next);
  }

  /** Saves everything and starts the lesson's checks. */
  async check(runner: RunnerKind): Promise<void> {
    const before = this.store.getState().check;
    if (isUnderWay(before)) return;
    this.store.setState({
      check: started(before),
      checkProblem: undefined,
      chosenTest: undefined,
      panelTab: "checks",
    });
    const request = this.requestCheck(runner);
    this.checkRequest = request;
    try {
      const checkId = await request;
      this.store.setState(({ check }) => ({ check: accepted(check, checkId) }));
    } catch (error) {
      const checkProblem = error === UNSAVED ? UNSAVED : toProblem(error);
      this.store.setState(({ check }) => ({ check: refused(check, before), checkProblem }));
    }
  }

  /** Stops the check under way, as soon as it has an id. */
  async stopCheck(): Promise<void> {
    const { check } = this.store.getState();
    if (!isUnderWay(check)) return;
    try {
      const checkId = check.checkId || (await this.checkRequest);
      if (checkId) await this.checks.stopCheck({ checkId });
    } catch {
      // The check goes on and its events say so; there is nothing to add.
    }
  }

  /** Saves everything and runs the learner's program. */
  async run(): Promise<void> {
    if (isRunning(this.store.getState().run)) return;
    this.earlyRunEvents = [];
    this.store.setState({ run: runStarted(), outputOf: "run", panelTab: "output" });
    try {
      await this.buffers.flush();
      const { runId } = await this.checks.startRun({ lessonId: this.lessonId });
      const early = this.earlyRunEvents;
      this.store.setState(({ run }) => ({ run: early.reduce(runAdvanced, runAccepted(run, runId)) }));
    } catch (error) {
      const { message, hint } = toProblem(error);
      this.store.setState(({ run }) => ({ run: runRefused(run, [message, hint].filter(Boolean).join(" ")) }));
    }
  }

  async stopRun(): Promise<void> {
    const { runId } = this.store.getState().run;
    if (runId !== "") await this.checks.stopRun({ runId }).catch(() => undefined);
  }

  /** Shows a recorded attempt in the checks panel. */
  showAttempt(attempt: Attempt): void {
    const { report } = attempt;
    if (!report || isUnderWay(this.store.getState().check)) return;
    this.store.setState(({ check }) => ({
      check: recorded(check, attempt.id, report),
      checkProblem: undefined,
      chosenTest: undefined,
      panelTab: "checks",
      attemptsOpen: false,
    }));
  }

  onCheckEvent(event: CheckEvent): void {
    if (event.lessonId !== this.lessonId) return;
    const before = this.store.getState().check;
    const check = advance(before, event);
    if (check === before) return;
    this.store.setState({ check });
    // Only what the learner asked for here is announced; old events come again after a reload.
    const wanted = this.checkRequest !== undefined && isUnderWay(before);
    if (check.phase.kind !== "done" || !wanted) return;
    this.store.setState({ announced: check.checkId });
    if (verdictOf(check) === Verdict.PASSED)
      this.store.setState({ freshPass: check.checkId, guideTab: "result" });
  }

  onRunEvent(event: RunEvent): void {
    const { run } = this.store.getState();
    if (run.phase.kind === "starting") this.earlyRunEvents.push(event);
    else this.store.setState({ run: runAdvanced(run, event) });
  }

  onFilesChanged(event: FilesChanged): void {
    if (event.lessonId === this.lessonId) void this.buffers.filesChanged(event.paths);
  }

  /** Catches up with changes whose news was missed. */
  onFilesListed(files: readonly Entry[]): void {
    void this.buffers.digestsListed(new Map(files.map((file) => [file.path, file.digest])));
  }

  /** Catches up with a check whose report was missed. */
  onAttemptsListed(attempts: readonly Attempt[]): void {
    const { check } = this.store.getState();
    const attempt = attempts.find((each) => each.id === check.checkId);
    if (attempt?.report && isUnderWay(check)) {
      this.store.setState({ check: recorded(check, attempt.id, attempt.report), announced: attempt.id });
    }
  }

  private async requestCheck(runner: RunnerKind): Promise<string> {
    if (!(await this.buffers.flush())) throw UNSAVED;
    const { checkId } = await this.checks.startCheck({ lessonId: this.lessonId, runner });
    return checkId;
  }
}
