import {
  BadgeCheck,
  CircleCheck,
  CircleDashed,
  CircleX,
  Hand,
  type LucideIcon,
  Pencil,
  TriangleAlert,
} from "lucide-react";
import type { MessageKey } from "@/i18n/use-t";
import type { VerdictState } from "@/ui/verdict-chip";

export interface LessonMark {
  icon: LucideIcon;
  colour: string;
  labelKey: MessageKey;
}

/** How a lesson of a list shows where it stands. */
export const lessonMarks: Record<VerdictState, LessonMark> = {
  notStarted: { icon: CircleDashed, colour: "text-ink-faint", labelKey: "verdict.notStarted" },
  working: { icon: Pencil, colour: "text-accent", labelKey: "verdict.working" },
  stuck: { icon: Hand, colour: "text-warn", labelKey: "verdict.stuck" },
  // The count belongs to the continue card; in a list a failed check only means "not finished".
  failed: { icon: CircleX, colour: "text-fail", labelKey: "verdict.working" },
  local: { icon: CircleCheck, colour: "text-pass", labelKey: "verdict.local" },
  verified: { icon: BadgeCheck, colour: "text-pass", labelKey: "verdict.verified" },
  mismatch: { icon: TriangleAlert, colour: "text-warn", labelKey: "verdict.mismatch" },
};
