import type { ReactElement } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components";
import type { Keys } from "@/commands/keys";
import { KeyCap } from "@/ui/key-cap";

/** Shows words and keys when the pointer or the focus rests on the child, which must be a React Aria element. */
export function WithTooltip({ text, keys, children }: { text: string; keys?: Keys; children: ReactElement }) {
  return (
    <TooltipTrigger delay={600} closeDelay={0}>
      {children}
      <AriaTooltip
        offset={6}
        className="flex max-w-80 items-center gap-2 rounded-control border border-line-strong bg-sheet-raised px-2 py-1 text-small text-ink shadow-popover"
      >
        {text}
        {keys && <KeyCap keys={keys} />}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
