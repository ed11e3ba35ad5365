import { Buffer } from "./buffer";
import type { BufferView } from "./buffer-view";
import type { Disk, DiskFile, DraftShelf, Problem } from "./disk";

export type OpenResult =
  | { readonly kind: "open"; readonly buffer: Buffer }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** The views of all open buffers, by path. */
export type BufferViews = ReadonlyMap<string, BufferView>;

/**
 * BufferStore holds the open files of one workspace, outside React: typing does not render anything but the editor.
 * Made for `useSyncExternalStore`: views() returns the same map until a view changes.
 */
export class BufferStore {
  private readonly buffers = new Map<string, Buffer>();
  private readonly opening = new Map<string, Promise<OpenResult>>();
  private readonly listeners = new Set<() => void>();
  private cachedViews: BufferViews = new Map();

  constructor(
    private readonly disk: Disk,
    private readonly shelf: DraftShelf,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly views = (): BufferViews => this.cachedViews;

  find(path: string): Buffer | undefined {
    return this.buffers.get(path);
  }

  /** Returns the open buffer, or reads the file. Two calls at once read once. */
  open(path: string): Promise<OpenResult> {
    const open = this.buffers.get(path);
    if (open) return Promise.resolve({ kind: "open", buffer: open });
    const pending = this.opening.get(path) ?? this.load(path).finally(() => this.opening.delete(path));
    this.opening.set(path, pending);
    return pending;
  }

  /** Saves every buffer; false when at least one could not be saved. */
  async flush(): Promise<boolean> {
    const saved = await Promise.all([...this.buffers.values()].map((buffer) => buffer.flush()));
    return saved.every(Boolean);
  }

  /** Keeps unsaved typing over the end of the page, and tries to save it. */
  leave(): void {
    for (const buffer of this.buffers.values()) {
      buffer.shelve();
      void buffer.flush();
    }
  }

  /** Looks at the named files again; at all open ones when none is named. */
  async filesChanged(paths: readonly string[]): Promise<void> {
    const concerned = paths.length === 0 ? [...this.buffers.keys()] : paths;
    await Promise.all(concerned.map((path) => this.buffers.get(path)?.examine()));
  }

  /** Looks at open files whose digest on disk is not the one their buffer is based on. */
  async digestsListed(digests: ReadonlyMap<string, string>): Promise<void> {
    const stale = [...this.buffers.values()].filter(
      (buffer) => digests.get(buffer.path) !== buffer.view().digest,
    );
    await Promise.all(stale.map((buffer) => buffer.examine()));
  }

  /** Shows content the person asked for, such as the starter's after a reset. */
  replace(path: string, file: Pick<DiskFile, "text" | "digest">): void {
    this.buffers.get(path)?.adopt({ editable: true, binary: false, ...file });
  }

  /** Saves and closes a buffer. Returns false, and keeps it open, when its typing could not be saved. */
  async close(path: string): Promise<boolean> {
    const buffer = this.buffers.get(path);
    if (!buffer) return true;
    if (!(await buffer.flush())) return false;
    this.forget(path);
    return true;
  }

  /** Closes buffers of a file or folder that is gone from the disk. */
  forget(path: string): void {
    for (const [open, buffer] of this.buffers) {
      if (open !== path && !open.startsWith(`${path}/`)) continue;
      buffer.close();
      this.shelf.drop(open);
      this.buffers.delete(open);
    }
    this.changed();
  }

  /** Closes everything; unsaved typing goes to the shelf. */
  dispose(): void {
    for (const buffer of this.buffers.values()) {
      void buffer.flush();
      buffer.close();
    }
    this.buffers.clear();
    this.listeners.clear();
  }

  private async load(path: string): Promise<OpenResult> {
    const result = await this.disk.read(path);
    if (result.kind !== "file") return result;
    const buffer = new Buffer(path, result.file, this.disk, this.shelf, () => this.changed());
    this.buffers.set(path, buffer);
    this.changed();
    return { kind: "open", buffer };
  }

  private changed(): void {
    this.cachedViews = new Map([...this.buffers].map(([path, buffer]) => [path, buffer.view()]));
    for (const listener of this.listeners) listener();
  }
}
