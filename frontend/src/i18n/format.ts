import { useMemo } from "react";
import type { Locale } from "@/i18n";
import { useLocale } from "@/i18n/use-t";

/** Numbers and times as people of the locale write them. */
export interface Format {
  /** "312 MB". */
  bytes(count: number | bigint): string;
  /** "64 %" from 0.64. */
  percent(fraction: number): string;
  /** "214 ms", "1.4 s". */
  duration(milliseconds: number): string;
  /** "09:12" today, "3 Sept, 09:12" before. Takes milliseconds since 1970. */
  moment(atMs: number | bigint, now?: Date): string;
}

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** Intl's short form is "1.4 secs"; the sign of the unit is what times beside tests look like. */
const secondSign: Record<Locale, string> = { en: "s", ru: "с" };

export function createFormat(locale: Locale): Format {
  const tag = locale === "ru" ? "ru-RU" : "en-GB";
  const percent = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const seconds = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(tag, { day: "numeric", month: "short" });
  const measure = (value: number, unit: string, digits: number) =>
    new Intl.NumberFormat(tag, {
      style: "unit",
      unit,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);
  return {
    bytes(count) {
      let value = Number(count);
      let index = 0;
      while (value >= 1000 && index < units.length - 1) {
        value /= 1000;
        index += 1;
      }
      return measure(value, units[index] ?? "byte", value < 10 && index > 0 ? 1 : 0);
    },
    percent: (fraction) => `${percent.format(fraction * 100)} %`,
    duration(milliseconds) {
      if (milliseconds < 1000) return measure(Math.round(milliseconds), "millisecond", 0);
      return `${seconds.format(milliseconds / 1000)} ${secondSign[locale]}`;
    },
    moment(atMs, now = new Date()) {
      const at = new Date(Number(atMs));
      if (at.toDateString() === now.toDateString()) return time.format(at);
      return `${day.format(at)}, ${time.format(at)}`;
    },
  };
}

export function useFormat(): Format {
  const locale = useLocale();
  return useMemo(() => createFormat(locale), [locale]);
}
