import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { codeSizes, readingSizes, useSettings } from "@/api/settings";
import { type Locale, locales, systemLocale } from "@/i18n";

export type Theme = "light" | "dark" | "contrast";

/** What the first frame needs to know before the settings have arrived. */
export interface Appearance {
  theme: string;
  locale: Locale | "";
  codeSize: number;
  readingSize: number;
}

const storageKey = "carrel-appearance";
const unset: Appearance = {
  theme: "system",
  locale: "",
  codeSize: codeSizes.usual,
  readingSize: readingSizes.usual,
};

/** The appearance of the last visit, so that a dark room never flashes white. */
export function rememberedAppearance(): Appearance {
  try {
    return { ...unset, ...JSON.parse(window.localStorage.getItem(storageKey) ?? "{}") };
  } catch {
    return unset;
  }
}

/** The theme to draw: the person's choice, else what the system asks for. */
export function resolveTheme(theme: string, asks: (query: string) => boolean): Theme {
  if (theme === "light" || theme === "dark" || theme === "contrast") return theme;
  if (asks("(prefers-contrast: more)")) return "contrast";
  return asks("(prefers-color-scheme: dark)") ? "dark" : "light";
}

/** Sets theme and sizes on the document. */
export function applyAppearance({ theme, codeSize, readingSize }: Appearance): void {
  const root = document.documentElement;
  root.dataset.theme = resolveTheme(theme, (query) => window.matchMedia(query).matches);
  root.style.setProperty("--text-code", `${codeSize}px`);
  root.style.setProperty("--line-code", `${Math.round(codeSize * 1.54)}px`);
  root.style.setProperty("--text-reading", `${readingSize}px`);
  root.style.setProperty("--line-reading", `${Math.round(readingSize * 1.6)}px`);
}

/** Keeps the document in step with the settings and the system. Used once, by the shell. */
export function useAppearance(): void {
  const { settings, isLoaded } = useSettings();
  const { i18n } = useTranslation();
  const { theme, codeSize, readingSize } = settings;
  const chosen: Locale | "" = locales.find((locale) => locale === settings.locale) ?? "";

  useEffect(() => {
    if (!isLoaded) return;
    const appearance: Appearance = { theme, locale: chosen, codeSize, readingSize };
    const apply = () => applyAppearance(appearance);
    apply();
    window.localStorage.setItem(storageKey, JSON.stringify(appearance));
    const watched = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"].map((query) =>
      window.matchMedia(query),
    );
    for (const query of watched) query.addEventListener("change", apply);
    return () => {
      for (const query of watched) query.removeEventListener("change", apply);
    };
  }, [isLoaded, theme, chosen, codeSize, readingSize]);

  const wanted = chosen || systemLocale();
  useEffect(() => {
    if (isLoaded && i18n.language !== wanted) void i18n.changeLanguage(wanted);
  }, [isLoaded, i18n, wanted]);

  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);
}
