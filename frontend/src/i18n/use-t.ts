import type { ParseKeys } from "i18next";
import { useTranslation } from "react-i18next";
import type { Locale } from "@/i18n";

/** A key of the catalogue, checked by the compiler. Plural forms are one key: "x_one" and "x_other" make "x". */
export type MessageKey = ParseKeys;

/** The translate function: `t("sync.waiting", { count: 3 })`. Changes when the language does. */
export function useT() {
  return useTranslation().t;
}

/** The language on screen. */
export function useLocale(): Locale {
  return useTranslation().i18n.language === "ru" ? "ru" : "en";
}
