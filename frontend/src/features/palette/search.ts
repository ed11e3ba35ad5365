/** One thing the palette can open. */
export interface Entry {
  id: string;
  label: string;
  /** Dim words at the right; searched too, but they count less. */
  detail: string;
}

export interface Match<T extends Entry> {
  entry: T;
  /** Where the first found word is in the label; -1 when only the detail has it. */
  at: number;
}

/** Lower case with ё as е, so that people find words however they write them. */
function fold(text: string): string {
  return text.toLocaleLowerCase().replaceAll("ё", "е");
}

/**
 * The entries that contain every word of the query, best first: label beats detail, the start of a word beats its
 * middle, and otherwise the given order stays.
 */
export function search<T extends Entry>(entries: readonly T[], query: string): Match<T>[] {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.map((entry) => ({ entry, at: -1 }));
  const found = entries.flatMap((entry) => {
    const label = fold(entry.label);
    const both = `${label} ${fold(entry.detail)}`;
    if (!words.every((word) => both.includes(word))) return [];
    const at = label.indexOf(words[0] ?? "");
    const startsWord = at === 0 || (at > 0 && /[\s(«"]/.test(label[at - 1] ?? ""));
    return [{ entry, at, rank: at < 0 ? 2 : startsWord ? 0 : 1 }];
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ entry, at }) => ({ entry, at }));
}
