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
import { type MessageKey, useT } from "@/i18n/use-t";
import { Chip, type ChipTone } from "@/ui/chip";

export type VerdictState = "notStarted" | "working" | "stuck" | "failed" | "local" | "verified" | "mismatch";

const looks: Record<VerdictState, { tone: ChipTone; icon: LucideIcon; labelKey: MessageKey }> = {
  notStarted: { tone: "neutral", icon: CircleDashed, labelKey: "verdict.notStarted" },
  working: { tone: "accent", icon: Pencil, labelKey: "verdict.working" },
  stuck: { tone: "warn", icon: Hand, labelKey: "verdict.stuck" },
  failed: { tone: "fail", icon: CircleX, labelKey: "verdict.failed" },
  local: { tone: "local", icon: CircleCheck, labelKey: "verdict.local" },
  verified: { tone: "verified", icon: BadgeCheck, labelKey: "verdict.verified" },
  mismatch: { tone: "warn", icon: TriangleAlert, labelKey: "verdict.mismatch" },
};

/** Where a lesson or an attempt stands: pencil is local, ink is verified. */
export function VerdictChip({ state, failed = 0 }: { state: VerdictState; failed?: number }) {
  const t = useT();
  const look = looks[state];
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {state === "failed" ? t("verdict.failed", { count: failed }) : t(look.labelKey)}
    </Chip>
  );
}
