import { diffArrays, diffWordsWithSpace } from "diff";

/** A piece of a line; changed pieces are underlined. */
export interface Piece {
  readonly text: string;
  readonly changed: boolean;
}

/** One row of the comparison. A missing side is an empty place beside a line that only the other side has. */
export interface Row {
  readonly expected?: readonly Piece[];
  readonly actual?: readonly Piece[];
  readonly same: boolean;
}

export interface Comparison {
  readonly rows: readonly Row[];
  /** Lines that are not shown, of the longer side. */
  readonly hidden: number;
}

/** More lines than this help nobody; the full text is in Output. */
const MAX_LINES = 200;
/** Lines longer than this are compared as a whole. */
const MAX_WORD_DIFF = 2000;

/** Puts what a test expected beside what it got. */
export function compare(expected: string, actual: string): Comparison {
  const left = splitLines(expected);
  const right = splitLines(actual);
  const rows = pair(left.slice(0, MAX_LINES), right.slice(0, MAX_LINES)).map(([a, b]) => row(a, b));
  return { rows, hidden: Math.max(0, Math.max(left.length, right.length) - MAX_LINES) };
}

type Pair = readonly [string | undefined, string | undefined];

/** Values of equal length read best line against line; others are aligned by what they share. */
function pair(left: readonly string[], right: readonly string[]): Pair[] {
  if (left.length === right.length) return left.map((line, at) => [line, right[at]]);
  const pairs: Pair[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const close = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) pairs.push([removed[at], added[at]]);
    removed = [];
    added = [];
  };
  for (const part of diffArrays([...left], [...right])) {
    if (part.removed) removed.push(...part.value);
    else if (part.added) added.push(...part.value);
    else {
      close();
      for (const line of part.value) pairs.push([line, line]);
    }
  }
  close();
  return pairs;
}

function row(expected: string | undefined, actual: string | undefined): Row {
  if (expected === actual)
    return { expected: whole(expected, false), actual: whole(actual, false), same: true };
  if (expected === undefined || actual === undefined || expected.length + actual.length > MAX_WORD_DIFF) {
    return { expected: whole(expected, true), actual: whole(actual, true), same: false };
  }
  const parts = diffWordsWithSpace(expected, actual);
  return {
    expected: parts
      .filter((part) => !part.added)
      .map((part) => ({ text: part.value, changed: part.removed })),
    actual: parts.filter((part) => !part.removed).map((part) => ({ text: part.value, changed: part.added })),
    same: false,
  };
}

function whole(text: string | undefined, changed: boolean): readonly Piece[] | undefined {
  return text === undefined ? undefined : [{ text, changed }];
}

function splitLines(text: string): string[] {
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}
