// The real product for a test: carreld with a PostgreSQL of its own and `carrel serve`, in folders that
// end with the test. Programs can be stopped, killed and started again in the middle.
import { test as base } from "@playwright/test";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const bin = path.resolve(import.meta.dirname, "../../build/bin");

/** A program of ours that says a line when it is ready. */
class Program {
  private child: ChildProcess | undefined;

  constructor(
    private readonly name: string,
    private readonly args: string[],
    private readonly env: NodeJS.ProcessEnv,
    private readonly line: RegExp,
  ) {}

  /** Starts it and returns what the line's group says. */
  async start(): Promise<string> {
    const child = spawn(path.join(bin, this.name), this.args, {
      env: { ...process.env, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const heard: string[] = [];
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on("line", (text) => {
          heard.push(text);
          const match = text.match(this.line);
          if (match) resolve(match[1] ?? "");
        });
      }
      child.once("exit", (code) => reject(new Error(`${this.name} ended with ${code}:\n${heard.join("\n")}`)));
    });
  }

  /** Ends it as a person would (SIGTERM) or as a crash does (SIGKILL), and waits. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }
}

/** A learner's computer. */
export class Desk {
  private readonly program: Program;

  constructor(
    readonly home: string,
    server: string,
    env: NodeJS.ProcessEnv,
  ) {
    this.program = new Program(
      "carrel",
      ["serve"],
      { CARREL_HOME: home, CARREL_SERVER: server, ...env },
      /(http:\/\/127\.0\.0\.1:\d+\/#token=\S+)/,
    );
  }

  /** Starts Carrel and returns the address of its library, or of a lesson. */
  async open(lesson = ""): Promise<string> {
    const url = await this.program.start();
    return lesson === "" ? url : `${url}/course/${lesson}`;
  }

  close(): Promise<void> {
    return this.program.stop();
  }

  crash(): Promise<void> {
    return this.program.stop("SIGKILL");
  }

  /** A file of a lesson's workspace, as it is on disk. */
  file(lesson: string, name: string): Promise<string> {
    return readFile(path.join(this.home, "work", lesson, name), "utf8");
  }

  /** Changes a file the way another editor does. */
  write(lesson: string, name: string, text: string): Promise<void> {
    return writeFile(path.join(this.home, "work", lesson, name), text);
  }

  /** What `carrel status` says of the begun lessons, by slug. */
  async status(): Promise<Record<string, { status: string; attempts: number }>> {
    const { stdout } = await promisify(execFile)(path.join(bin, "carrel"), ["status", "--json"], {
      env: { ...process.env, CARREL_HOME: this.home },
    });
    const report = JSON.parse(stdout) as { lessons: { lesson: string; status: string; attempts: number }[] };
    return Object.fromEntries(report.lessons.map(({ lesson, status, attempts }) => [lesson, { status, attempts }]));
  }
}

/** The cloud service. Its address stays the same when it is stopped and started again. */
export class Cloud {
  private program: Program | undefined;
  private address = "127.0.0.1:0";

  constructor(private readonly data: string) {}

  get url(): string {
    return `http://${this.address}`;
  }

  async start(): Promise<void> {
    this.program = new Program(
      "carreld",
      ["serve", "--embedded", "--data", this.data, "--listen", this.address],
      {},
      /ready on http:\/\/(\S+)/,
    );
    this.address = await this.program.start();
  }

  async stop(): Promise<void> {
    await this.program?.stop();
  }

  /** How many attempts PostgreSQL has, and how many different ones. */
  async attempts(): Promise<{ rows: number; different: number }> {
    const { stdout: url } = await promisify(execFile)(path.join(bin, "carreld"), ["database", "url", "--data", this.data]);
    const query = "select count(*), count(distinct id) from attempts";
    const { stdout } = await promisify(execFile)("psql", [url.trim(), "-tA", "-F,", "-c", query]);
    const [rows, different] = stdout.trim().split(",").map(Number);
    return { rows: rows ?? -1, different: different ?? -1 };
  }
}

interface Product {
  cloud: Cloud;
  /** Makes a learner's computer with a state of its own. */
  desk: (name: string, env?: NodeJS.ProcessEnv) => Desk;
}

export const test = base.extend<{ product: Product }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from the pattern
  product: async ({}, use) => {
    const dir = await mkdtemp(path.join(tmpdir(), "carrel-browser-"));
    const cloud = new Cloud(path.join(dir, "cloud"));
    const desks: Desk[] = [];
    try {
      await cloud.start();
      await use({
        cloud,
        desk: (name, env = {}) => {
          const desk = new Desk(path.join(dir, name), cloud.url, env);
          desks.push(desk);
          return desk;
        },
      });
    } finally {
      for (const desk of desks) await desk.close();
      await cloud.stop();
      await rm(dir, { recursive: true, force: true });
    }
  },
});

export { expect } from "@playwright/test";
