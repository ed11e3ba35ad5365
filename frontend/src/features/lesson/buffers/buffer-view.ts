import type { DiskFile, Problem } from "./disk";

/**
 * - clean: the file on disk is what the editor shows
 * - dirty: typed, waiting for its turn to be saved
 * - saving: being written
 * - failed: could not be written; retried by itself
 * - conflict: the file on disk is another one; nothing is written until the person decides
 */
export type BufferPhase = "clean" | "dirty" | "saving" | "failed" | "conflict";

/** What is on disk when it conflicts with the buffer; "deleted" when the file is gone. */
export type Theirs = DiskFile | "deleted";

/** BufferView is one immutable picture of a buffer for the screen. */
export interface BufferView {
  readonly path: string;
  readonly phase: BufferPhase;
  /** Of the file the text is based on. */
  readonly digest: string;
  readonly editable: boolean;
  readonly binary: boolean;
  /** Grows when the text was replaced by anything but typing: the editor fetches it again. */
  readonly replaced: number;
  readonly theirs?: Theirs;
  readonly problem?: Problem;
  /** When the oldest keystroke that is not on disk was made. */
  readonly unsavedSince?: number;
}

export function sameView(a: BufferView, b: BufferView): boolean {
  return (Object.keys(a) as (keyof BufferView)[]).every((key) => a[key] === b[key]);
}
