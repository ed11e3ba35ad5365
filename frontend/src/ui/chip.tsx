import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/ui/classes";

/** `local` is pencil (dashed), `verified` is ink (solid): the pair means the same everywhere. */
export type ChipTone =
  | "neutral"
  | "bare"
  | "accent"
  | "pass"
  | "fail"
  | "warn"
  | "info"
  | "local"
  | "verified";

const tones: Record<ChipTone, string> = {
  neutral: "border-line-strong text-ink-soft",
  bare: "border-transparent px-1 text-ink-soft",
  accent: "border-accent-line bg-accent-tint text-accent",
  pass: "border-pass-line bg-pass-tint text-pass",
  fail: "border-fail-line bg-fail-tint text-fail",
  warn: "border-warn-line bg-warn-tint text-warn",
  info: "border-link-line bg-link-tint text-link",
  local: "border-dashed border-pass text-pass",
  verified: "border-pass bg-pass text-on-solid",
};

/** The look of a chip, for elements that are chips and something else as well. */
export function chipClass(tone: ChipTone = "neutral"): string {
  return classes(
    "inline-flex h-6 shrink-0 items-center gap-1.5 whitespace-nowrap rounded-control border px-2 text-small font-medium tabular",
    tones[tone],
  );
}

export interface ChipProps {
  tone?: ChipTone;
  icon?: LucideIcon;
  className?: string;
  children: ReactNode;
}

export function Chip({ tone = "neutral", icon: Icon, className, children }: ChipProps) {
  return (
    <span className={classes(chipClass(tone), className)}>
      {Icon && <Icon aria-hidden size={14} />}
      {children}
    </span>
  );
}

/** A small number beside a word. */
export function Count({
  tone = "neutral",
  children,
}: {
  tone?: "neutral" | "fail" | "pass";
  children: ReactNode;
}) {
  const colours = {
    neutral: "bg-sheet-selected text-ink-soft",
    fail: "bg-fail-tint text-fail",
    pass: "bg-pass-tint text-pass",
  };
  return (
    <span
      className={classes(
        "inline-block min-w-4 rounded-round px-1 text-center text-micro font-strong tabular",
        colours[tone],
      )}
    >
      {children}
    </span>
  );
}
