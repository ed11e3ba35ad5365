import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogues } from "@/i18n";

const plural = /_(one|few|many|other)$/;
const forms = { en: ["one", "other"], ru: ["few", "many", "one", "other"] };
/** Keys the Go side sends by name, such as the title of a task, begin so. */
const sentByServer = /^task\./;

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter(
    (path) => /\.tsx?$/.test(path) && !/^gen\/|^testing\/|\.test\.tsx?$/.test(path.replaceAll("\\", "/")),
  )
  .map((path) => readFileSync(join("src", path), "utf8"))
  .join("\n");
const strings = new Set([...sources.matchAll(/"([^"\\\n]*)"/g)].map((match) => match[1]));
const prefixes = [...sources.matchAll(/`([a-z][\w.]*\.)\$\{/g)].map((match) => match[1] ?? "");

const base = (key: string) => key.replace(plural, "");
const keysOf = (catalogue: object) => Object.keys(catalogue);

describe("the catalogue", () => {
  it("has the same messages in every language", () => {
    const names = (catalogue: object) => [...new Set(keysOf(catalogue).map(base))].sort();
    expect(names(catalogues.ru)).toEqual(names(catalogues.en));
  });

  it.each(["en", "ru"] as const)("has every plural form of %s and no other", (locale) => {
    const found = new Map<string, string[]>();
    for (const key of keysOf(catalogues[locale])) {
      const form = plural.exec(key)?.[1];
      if (form) found.set(base(key), [...(found.get(base(key)) ?? []), form]);
    }
    for (const [key, present] of found) expect([key, present.sort()]).toEqual([key, forms[locale]]);
  });

  it("counts the same messages in every language", () => {
    const counted = (catalogue: object) =>
      [
        ...new Set(
          keysOf(catalogue)
            .filter((key) => plural.test(key))
            .map(base),
        ),
      ].sort();
    expect(counted(catalogues.ru)).toEqual(counted(catalogues.en));
  });

  it("fills the same places in every language", () => {
    const places = (text: string) =>
      [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]))].sort();
    const russian: Record<string, string> = catalogues.ru;
    for (const [key, text] of Object.entries<string>(catalogues.en)) {
      expect([key, places(russian[key] ?? "")]).toEqual([key, places(text)]);
    }
  });

  it("says nothing twice over and leaves nothing empty", () => {
    for (const catalogue of Object.values(catalogues)) {
      for (const [key, text] of Object.entries<string>(catalogue)) {
        expect([key, text.trim()]).toEqual([key, text]);
        expect([key, text]).not.toEqual([key, ""]);
      }
    }
  });

  it("speaks calmly: no exclamation marks", () => {
    for (const catalogue of Object.values(catalogues)) {
      expect(Object.values<string>(catalogue).filter((text) => text.includes("!"))).toEqual([]);
    }
  });

  it("has no message that nothing shows", () => {
    const unused = [...new Set(keysOf(catalogues.en).map(base))].filter(
      (key) =>
        !strings.has(key) && !sentByServer.test(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });

  it("has every message that is asked for", () => {
    const known = new Set(keysOf(catalogues.en).map(base));
    const asked = [
      ...sources.matchAll(/\bt\(\s*"([^"]+)"/g),
      ...sources.matchAll(/\blabelKey[:=]\s*"([^"]+)"/g),
    ];
    expect(asked.map((match) => match[1] ?? "").filter((key) => !known.has(key))).toEqual([]);
  });
});
