import type { LucideIcon } from "lucide-react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { WithTooltip } from "@/ui/tooltip";

export interface Segment<T extends string> {
  id: T;
  label: string;
  icon?: LucideIcon;
  /** Why it is as it is; a tooltip. */
  detail?: string;
  disabled?: boolean;
}

export interface SegmentedProps<T extends string> {
  /** The accessible name of the group. */
  name: string;
  segments: readonly Segment<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One choice out of a few, all of them visible. */
export function Segmented<T extends string>({ name, segments, value, onChange }: SegmentedProps<T>) {
  return (
    <ToggleButtonGroup
      aria-label={name}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const next = segments.find((segment) => keys.has(segment.id));
        if (next) onChange(next.id);
      }}
      className="flex w-max shrink-0 rounded-[8px] bg-desk-pressed p-0.5"
    >
      {segments.map(({ id, label, icon: Icon, detail, disabled }) => {
        const button = (
          <ToggleButton
            key={id}
            id={id}
            isDisabled={disabled}
            className="flex h-7 cursor-default items-center gap-1.5 rounded-control px-2 text-small font-medium whitespace-nowrap text-ink-soft data-disabled:text-ink-disabled data-hovered:text-ink data-selected:bg-sheet-raised data-selected:text-ink data-selected:ring-1 data-selected:ring-line-strong"
          >
            {Icon && <Icon aria-hidden size={14} />}
            {label}
          </ToggleButton>
        );
        return detail ? (
          <WithTooltip key={id} text={detail}>
            {button}
          </WithTooltip>
        ) : (
          button
        );
      })}
    </ToggleButtonGroup>
  );
}
