/** Text that came in one piece from one stream. */
export interface OutputPiece {
  readonly id: number;
  readonly stream: "out" | "err";
  readonly text: string;
}

/** What a program printed, bounded: the oldest pieces go first. */
export interface OutputLog {
  readonly pieces: readonly OutputPiece[];
  /** Characters that were dropped from the front. */
  readonly dropped: number;
  readonly size: number;
  readonly nextId: number;
}

/** About 1 MB is kept: more than anybody scrolls through, and little enough for every webview. */
export const MAX_OUTPUT = 1_000_000;
/** Small writes are joined up to this size, so a program that prints byte by byte makes few pieces. */
const JOIN_UP_TO = 8_192;

export const NO_OUTPUT: OutputLog = { pieces: [], dropped: 0, size: 0, nextId: 0 };

export function appended(log: OutputLog, stream: OutputPiece["stream"], text: string): OutputLog {
  if (text === "") return log;
  const last = log.pieces.at(-1);
  const joins = last?.stream === stream && last.text.length + text.length <= JOIN_UP_TO;
  const pieces = joins
    ? [...log.pieces.slice(0, -1), { ...last, text: last.text + text }]
    : [...log.pieces, { id: log.nextId, stream, text }];
  return trimmed({ ...log, pieces, size: log.size + text.length, nextId: log.nextId + (joins ? 0 : 1) });
}

function trimmed(log: OutputLog): OutputLog {
  let excess = log.size - MAX_OUTPUT;
  if (excess <= 0) return log;
  const pieces = [...log.pieces];
  let dropped = 0;
  while (excess > 0 && pieces[0]) {
    const first = pieces[0];
    const cut = Math.min(excess, first.text.length);
    if (cut === first.text.length) pieces.shift();
    else pieces[0] = { ...first, text: first.text.slice(cut) };
    dropped += cut;
    excess -= cut;
  }
  return { ...log, pieces, dropped: log.dropped + dropped, size: log.size - dropped };
}
