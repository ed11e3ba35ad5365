import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import en from "@/i18n/en.json";
import lessonEn from "@/i18n/lesson.en.json";
import lessonRu from "@/i18n/lesson.ru.json";
import ru from "@/i18n/ru.json";

export const locales = ["en", "ru"] as const;
export type Locale = (typeof locales)[number];

/** English is the source language: its keys type `t()`, and a test keeps the others complete. */
export const catalogues = {
  en: { ...en, ...lessonEn },
  ru: { ...ru, ...lessonRu },
} as const;

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof lessonEn };
    keySeparator: false;
    nsSeparator: false;
    returnNull: false;
  }
}

/** The closest language we have to what the system prefers. */
export function systemLocale(preferred: readonly string[] = navigator.languages): Locale {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0];
    const found = locales.find((locale) => locale === language);
    if (found) return found;
  }
  return "en";
}

/** Starts the catalogue. Everything is bundled, so the first frame is already in the right language. */
export function startI18n(locale: Locale): i18n {
  void i18next.use(initReactI18next).init({
    lng: locale,
    fallbackLng: "en",
    resources: { en: { translation: catalogues.en }, ru: { translation: catalogues.ru } },
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  return i18next;
}
