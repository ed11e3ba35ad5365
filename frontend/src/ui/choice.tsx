import { Check } from "lucide-react";
import type { ReactNode } from "react";
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  Radio as AriaRadio,
  type RadioProps as AriaRadioProps,
} from "react-aria-components";
import { classes } from "@/ui/classes";

export { CheckboxGroup, RadioGroup } from "react-aria-components";

const row = "group flex min-h-6 cursor-default items-start gap-2 data-disabled:text-ink-disabled";
const ring =
  "group-data-focus-visible:outline-2 group-data-focus-visible:outline-offset-2 group-data-focus-visible:outline-focus";

type Choice<P> = Omit<P, "className" | "style" | "children"> & { className?: string; children: ReactNode };

/** A tick box with its words. Use inside CheckboxGroup for several of one question. */
export function Checkbox({ className, children, ...rest }: Choice<AriaCheckboxProps>) {
  return (
    <AriaCheckbox {...rest} className={classes(row, "outline-none", className)}>
      <span
        className={classes(
          "mt-0.5 grid size-4 shrink-0 place-items-center rounded-tight border border-line-control bg-sheet text-transparent",
          "group-data-selected:border-accent group-data-selected:bg-accent group-data-selected:text-on-accent",
          ring,
        )}
      >
        <Check aria-hidden size={12} />
      </span>
      <span className="min-w-0">{children}</span>
    </AriaCheckbox>
  );
}

/** One answer of a RadioGroup. */
export function Radio({ className, children, ...rest }: Choice<AriaRadioProps>) {
  return (
    <AriaRadio {...rest} className={classes(row, "outline-none", className)}>
      <span
        className={classes(
          "mt-0.5 size-4 shrink-0 rounded-round border border-line-control bg-sheet",
          "group-data-selected:border-5 group-data-selected:border-accent",
          ring,
        )}
      />
      <span className="min-w-0">{children}</span>
    </AriaRadio>
  );
}
