// The real product for a test: carreld with a PostgreSQL of its own and `carrel serve`, in folders
// that end with the test.
import { test as base } from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const bin = path.resolve(import.meta.dirname, "../../build/bin");

export interface Product {
  /** Address of the IDE, with its token. */
  url: string;
  /** Folder of the learner's state and work. */
  home: string;
  /** Address of the cloud service. */
  server: string;
}

interface Running {
  process: ChildProcess;
  /** First match of the announced line. */
  said: RegExpMatchArray;
}

/** Starts a program and waits until it says the line. */
async function start(program: string, args: string[], env: NodeJS.ProcessEnv, line: RegExp): Promise<Running> {
  const child = spawn(path.join(bin, program), args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const heard: string[] = [];
  const announced = new Promise<RegExpMatchArray>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (text) => {
        heard.push(text);
        const match = text.match(line);
        if (match) resolve(match);
      });
    }
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}:\n${heard.join("\n")}`)));
  });
  return { process: child, said: await announced };
}

/** Ends a program the way a person would, and waits for it. */
async function stop(running: Running | undefined): Promise<void> {
  if (!running || running.process.exitCode !== null) return;
  const ended = once(running.process, "exit");
  running.process.kill("SIGTERM");
  await ended;
}

export const test = base.extend<{ product: Product }>({
  product: async ({}, use) => {
    const dir = await mkdtemp(path.join(tmpdir(), "carrel-browser-"));
    let cloud: Running | undefined;
    let desk: Running | undefined;
    try {
      cloud = await start(
        "carreld",
        ["serve", "--embedded", "--data", path.join(dir, "cloud"), "--listen", "127.0.0.1:0"],
        {},
        /ready on (http:\S+)/,
      );
      const server = cloud.said[1] ?? "";
      const home = path.join(dir, "home");
      desk = await start("carrel", ["serve"], { CARREL_HOME: home, CARREL_SERVER: server }, /(http:\/\/127\.0\.0\.1:\d+\/\S*#token=\S+)/);
      await use({ url: desk.said[1] ?? "", home, server });
    } finally {
      await stop(desk);
      await stop(cloud);
      await rm(dir, { recursive: true, force: true });
    }
  },
});

export { expect } from "@playwright/test";
