import { Check, ChevronDown } from "lucide-react";
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";
import { inputClass } from "@/ui/field";
import { menuItemClass, popoverClass } from "@/ui/menu";

export interface SelectOption<T extends string> {
  id: T;
  label: string;
}

export interface SelectFieldProps<T extends string> {
  label: string;
  options: readonly SelectOption<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One choice out of many, or of a few with long names. */
export function SelectField<T extends string>({ label, options, value, onChange }: SelectFieldProps<T>) {
  return (
    <Select
      value={value}
      onChange={(key) => {
        const next = options.find((option) => option.id === key);
        if (next) onChange(next.id);
      }}
      className="flex min-w-0 flex-col gap-1"
    >
      <Label className="text-small font-medium text-ink-soft">{label}</Label>
      <Button className={`${inputClass} flex cursor-default items-center gap-2 text-left`}>
        <SelectValue className="min-w-0 flex-1 truncate">{({ selectedText }) => selectedText}</SelectValue>
        <ChevronDown aria-hidden size={16} className="text-ink-faint" />
      </Button>
      <Popover offset={4} className={`${popoverClass} min-w-(--trigger-width)`}>
        <ListBox items={options} className="outline-none">
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={`group ${menuItemClass}`}>
              <span className="min-w-0 flex-1">{option.label}</span>
              <Check aria-hidden size={16} className="invisible text-accent group-data-selected:visible" />
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
