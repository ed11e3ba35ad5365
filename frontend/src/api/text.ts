import type { Text } from "@/gen/carrel/lesson/v1/lesson_pb";

/** The text in the wanted language, else in English, else in any language there is. */
export function pickText(text: Text | undefined, locale: string): string {
  if (!text) return "";
  const language = locale.split("-")[0] ?? "";
  return (
    text.byLocale[locale] ??
    text.byLocale[language] ??
    text.byLocale.en ??
    Object.values(text.byLocale)[0] ??
    ""
  );
}
