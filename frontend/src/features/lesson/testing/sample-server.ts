import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { type Attempt, CheckService, RunnerKind } from "@/gen/carrel/ide/v1/check_service_pb";
import { LibraryService, type OpenLessonResponse } from "@/gen/carrel/ide/v1/library_service_pb";
import { TerminalService } from "@/gen/carrel/ide/v1/terminal_service_pb";
import { WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { digestOf } from "./memory-disk";
import { MAIN, sampleAttempts, sampleLesson } from "./sample-lesson";

/** The lesson's half of a local server, in memory: real files with digests, checks that a test drives by events. */
export class SampleServer {
  lesson: OpenLessonResponse = sampleLesson();
  attempts: Attempt[] = sampleAttempts();
  readonly files = new Map<string, string>([
    ["wordfreq.py", MAIN],
    [
      "tests/test_order.py",
      "from wordfreq import top_words\n\n\ndef test_ties():\n    assert top_words('')\n",
    ],
    ["tests/test_words.py", "from wordfreq import words\n"],
    ["data/hound.txt", "Mr. Sherlock Holmes\n"],
    ["README.md", "# Word frequencies\n"],
  ]);
  /** What StartCheck saw on disk, in the order of the calls. */
  readonly checked: string[] = [];
  readonly stopped: string[] = [];
  /** Keys typed into the terminal. */
  typed = "";
  /** Set to keep the lesson closed. */
  lessonFailure: ConnectError | undefined;
  /** Set to refuse checks, terminals and runs with it. */
  refusal: ConnectError | undefined;

  readonly serve = (router: ConnectRouter): void => {
    this.serveLesson(router);
    this.serveFiles(router);
    this.serveChecks(router);
    this.serveTerminal(router);
  };

  private serveLesson(router: ConnectRouter): void {
    router.rpc(LibraryService.method.openLesson, () => {
      if (this.lessonFailure) throw this.lessonFailure;
      return this.lesson;
    });
    router.rpc(LibraryService.method.openHint, ({ number }) => ({
      hint: { byLocale: { en: `Hint text ${number}`, ru: `Текст подсказки ${number}` } },
    }));
    router.rpc(LibraryService.method.answerQuiz, ({ answers }) => ({
      results: answers.map(({ questionId, values }) => ({
        questionId,
        right: values[0] === "zero" || values[0] === "split",
        explanation: { byLocale: { en: "Because it counts.", ru: "Потому что он считает." } },
      })),
    }));
  }

  private serveFiles(router: ConnectRouter): void {
    const editable = (path: string) => !/^(tests|data|README)/.test(path);
    const find = (path: string) => {
      const text = this.files.get(path);
      if (text === undefined) throw new ConnectError("There is no such file.", Code.NotFound);
      return text;
    };
    router.service(WorkspaceService, {
      listFiles: () => {
        const folders = new Set(
          [...this.files.keys()].filter((path) => path.includes("/")).map((path) => path.split("/")[0]),
        );
        return {
          entries: [
            ...[...folders].map((path = "") => ({ path, folder: true, editable: editable(path) })),
            ...[...this.files].map(([path, text]) => ({
              path,
              editable: editable(path),
              digest: digestOf(text),
            })),
          ],
        };
      },
      readFile: ({ path }) => ({ text: find(path), digest: digestOf(find(path)), editable: editable(path) }),
      writeFile: ({ path, text, baseDigest }) => {
        if (baseDigest !== "" && baseDigest !== digestOf(find(path))) {
          throw new ConnectError("The file changed on disk.", Code.Aborted);
        }
        this.files.set(path, text);
        return { digest: digestOf(text) };
      },
      createEntry: ({ path, folder }) => {
        if (!folder) this.files.set(path, "");
        return { entry: { path, folder, editable: true } };
      },
      renameEntry: ({ path, newPath }) => {
        this.files.set(newPath, find(path));
        this.files.delete(path);
        return { entry: { path: newPath, editable: true } };
      },
      deleteEntry: ({ path }) => {
        this.files.delete(path);
        return {};
      },
      resetFile: ({ path }) => {
        this.files.set(path, MAIN);
        return { text: MAIN, digest: digestOf(MAIN) };
      },
    });
  }

  private serveChecks(router: ConnectRouter): void {
    router.service(CheckService, {
      startCheck: () => {
        if (this.refusal) throw this.refusal;
        this.checked.push(this.files.get("wordfreq.py") ?? "");
        return { checkId: `check-${this.checked.length}` };
      },
      stopCheck: ({ checkId }) => {
        this.stopped.push(checkId);
        return {};
      },
      startRun: () => {
        if (this.refusal) throw this.refusal;
        return { runId: "run-1" };
      },
      stopRun: () => ({}),
      listAttempts: () => ({ attempts: this.attempts }),
      listRunners: () => ({
        runners: [
          { kind: RunnerKind.DOCKER, available: true, message: "Docker is running." },
          {
            kind: RunnerKind.CLOUD,
            available: false,
            message: "The cloud cannot be reached.",
            hint: "Try again when you are online.",
          },
        ],
      }),
    });
  }

  private serveTerminal(router: ConnectRouter): void {
    const printed = new TextEncoder().encode("\u001b[32mcarrel\u001b[0m:\u001b[34m/work\u001b[0m$ ");
    router.service(TerminalService, {
      openTerminal: () => {
        if (this.refusal) throw this.refusal;
        return { terminalId: "terminal-1", offset: BigInt(printed.length), seq: 0n };
      },
      writeTerminal: ({ data }) => {
        this.typed += new TextDecoder().decode(data);
        return {};
      },
      resizeTerminal: () => ({}),
      replayTerminal: ({ offset }) => ({ offset, data: printed.subarray(Number(offset)) }),
      closeTerminal: () => ({}),
    });
  }
}
