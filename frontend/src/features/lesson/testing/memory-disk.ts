import type { Disk, DiskFile, Draft, DraftShelf, Problem, ReadResult, WriteResult } from "../buffers/disk";

/** A disk in memory with the rules of the real one. Digests are the text itself with a prefix. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, string>();
  /** Every write that reached the disk, in order. */
  readonly written: string[] = [];
  /** When set, writes fail with it. */
  problem: Problem | undefined;
  /** How long each call takes, under fake timers. */
  delay = 0;

  constructor(files: Record<string, string>) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text);
  }

  /** Another program writes. */
  external(path: string, text: string): void {
    this.files.set(path, text);
  }

  async read(path: string): Promise<ReadResult> {
    const text = this.files.get(path);
    await this.pass();
    return text === undefined ? { kind: "missing" } : { kind: "file", file: fileOf(text) };
  }

  async write(path: string, text: string, baseDigest: string): Promise<WriteResult> {
    await this.pass();
    if (this.problem) return { kind: "failed", problem: this.problem };
    const present = this.files.get(path);
    const presentDigest = present === undefined ? "" : digestOf(present);
    if (baseDigest !== "" && baseDigest !== presentDigest) return { kind: "conflict" };
    this.files.set(path, text);
    this.written.push(text);
    return { kind: "saved", digest: digestOf(text) };
  }

  private async pass(): Promise<void> {
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay));
  }
}

export function digestOf(text: string): string {
  return `digest:${text}`;
}

export function fileOf(text: string): DiskFile {
  return { text, digest: digestOf(text), editable: true, binary: false };
}

export function memoryShelf(): DraftShelf & { readonly drafts: Map<string, Draft> } {
  const drafts = new Map<string, Draft>();
  return {
    drafts,
    put: (path, draft) => drafts.set(path, draft),
    find: (path) => drafts.get(path),
    drop: (path) => drafts.delete(path),
  };
}
