import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { pickText } from "@/api/text";
import { TextSchema } from "@/gen/carrel/lesson/v1/lesson_pb";

const text = (byLocale: Record<string, string>) => create(TextSchema, { byLocale });

describe("pickText", () => {
  it.each([
    ["the language itself", text({ en: "Files", ru: "Файлы" }), "ru", "Файлы"],
    ["the language of a region", text({ en: "Files", ru: "Файлы" }), "ru-KZ", "Файлы"],
    ["English when the language is missing", text({ en: "Files", de: "Dateien" }), "ru", "Files"],
    ["any language rather than nothing", text({ de: "Dateien" }), "ru", "Dateien"],
    ["nothing when there is nothing", text({}), "en", ""],
    ["nothing for no text", undefined, "en", ""],
  ])("%s", (_, given, locale, want) => {
    expect(pickText(given, locale)).toBe(want);
  });
});
