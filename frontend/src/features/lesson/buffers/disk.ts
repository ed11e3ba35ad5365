/** What a file on disk looked like when it was read. */
export interface DiskFile {
  readonly text: string;
  readonly digest: string;
  readonly editable: boolean;
  /** Not UTF-8, or too large to edit; text is empty then. */
  readonly binary: boolean;
}

/** One sentence for the person, and what to do about it. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
}

export type ReadResult =
  | { readonly kind: "file"; readonly file: DiskFile }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly problem: Problem };

export type WriteResult =
  | { readonly kind: "saved"; readonly digest: string }
  /** The file on disk is not the one the text is based on; nothing was written. */
  | { readonly kind: "conflict" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Disk reads and replaces files of one workspace. Neither call ever rejects. */
export interface Disk {
  read(path: string): Promise<ReadResult>;
  /** An empty baseDigest replaces whatever is there. */
  write(path: string, text: string, baseDigest: string): Promise<WriteResult>;
}

/** Typing that could not reach the file yet. */
export interface Draft {
  readonly text: string;
  readonly baseDigest: string;
}

/** DraftShelf keeps drafts over a reload or a crash. All calls are synchronous, so `pagehide` may use them. */
export interface DraftShelf {
  put(path: string, draft: Draft): void;
  find(path: string): Draft | undefined;
  drop(path: string): void;
}
