import { CircleAlert, Info, Lightbulb, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { type MessageKey, useT } from "@/i18n/use-t";
import type { CalloutKind } from "@/ui/callouts";

const looks: Record<CalloutKind, { icon: LucideIcon; colour: string; labelKey: MessageKey }> = {
  note: { icon: Info, colour: "text-ink-faint", labelKey: "callout.note" },
  tip: { icon: Lightbulb, colour: "text-ink-faint", labelKey: "callout.tip" },
  important: { icon: CircleAlert, colour: "text-accent", labelKey: "callout.important" },
  warning: { icon: TriangleAlert, colour: "text-warn", labelKey: "callout.warning" },
  caution: { icon: TriangleAlert, colour: "text-warn", labelKey: "callout.warning" },
};

/** A remark beside the text of a lesson. */
export function Callout({ kind, children }: { kind: CalloutKind; children: ReactNode }) {
  const t = useT();
  const { icon: Icon, colour, labelKey } = looks[kind];
  return (
    <div role="note" aria-label={t(labelKey)} className="callout">
      <Icon aria-hidden size={16} className={colour} />
      <div className="min-w-0">{children}</div>
    </div>
  );
}
