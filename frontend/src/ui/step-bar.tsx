import { classes } from "@/ui/classes";

export interface Step {
  id: string;
  /** The step's name, for the tooltip and screen readers. */
  name: string;
  state: "done" | "open";
}

export interface StepBarProps {
  /** The accessible name of the list. */
  name: string;
  steps: readonly Step[];
  /** Id of the step people are at. */
  current: string;
  /** "7 of 12", already in words. */
  label: string;
  className?: string;
}

/** Small marks for the lessons of a course, one of them "you are here". */
export function StepBar({ name, steps, current, label, className }: StepBarProps) {
  return (
    <div className={classes("flex shrink-0 items-center gap-2", className)}>
      <ol aria-label={name} className="hidden gap-[3px] wide:flex">
        {steps.map((step) => (
          <li
            key={step.id}
            title={step.name}
            aria-current={step.id === current ? "step" : undefined}
            className={classes(
              "h-1.5 rounded-[2px]",
              step.id === current ? "w-4.5 bg-accent" : "w-2.5",
              step.id !== current && (step.state === "done" ? "bg-pass" : "bg-line-strong"),
            )}
          >
            <span className="sr-only">{step.name}</span>
          </li>
        ))}
      </ol>
      <span className="text-small text-ink-soft tabular">{label}</span>
    </div>
  );
}
