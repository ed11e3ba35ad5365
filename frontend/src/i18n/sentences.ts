import i18next from "i18next";
import russian from "@/i18n/sentences.ru.json";

/** Our servers write whole English sentences; each is the key of its translation. "%" marks what they filled in. */
const table: ReadonlyMap<string, string> = new Map(Object.entries(russian));

const blank = /%[.\d]*[a-z]/g;

/** Of the patterns that fit, the first in the file wins; general ones stand at its end. */
interface Pattern {
  match: RegExp;
  words: string;
}

const patterns: Pattern[] = [...table]
  .filter(([english]) => english.search(blank) >= 0)
  .map(([english, words]) => ({
    match: new RegExp(`^${english.split(blank).map(literally).join("(.+?)")}$`, "s"),
    words,
  }));

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function translate(sentence: string): string | undefined {
  const whole = table.get(sentence);
  if (whole !== undefined) return whole;
  for (const { match, words } of patterns) {
    const parts = match.exec(sentence)?.slice(1);
    if (parts) return words.replace(blank, () => parts.shift() ?? "");
  }
  return undefined;
}

/**
 * What a server said, in the language on screen. A message and its hint may come joined. A sentence we do not know
 * stays as it came: English is better than silence.
 */
export function sentence(text: string, locale: string = i18next.language): string {
  if (locale !== "ru" || text === "") return text;
  const known = translate(text);
  if (known !== undefined) return known;
  for (let end = text.indexOf(". "); end >= 0; end = text.indexOf(". ", end + 1)) {
    const first = translate(text.slice(0, end + 1));
    const rest = translate(text.slice(end + 2));
    if (first !== undefined && rest !== undefined) return `${first} ${rest}`;
  }
  return text;
}
