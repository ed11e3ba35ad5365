import { ProgressBar as AriaProgressBar } from "react-aria-components";
import { classes } from "@/ui/classes";

export interface ProgressBarProps {
  /** The accessible name: what is moving on. */
  name: string;
  /** 0 to 1; negative when unknown. */
  fraction: number;
  tone?: "accent" | "pass";
  className?: string;
}

/** A thin line that fills. Say the number in words beside it. */
export function ProgressBar({ name, fraction, tone = "accent", className }: ProgressBarProps) {
  const unknown = fraction < 0;
  return (
    <AriaProgressBar
      aria-label={name}
      value={unknown ? undefined : Math.min(1, fraction) * 100}
      isIndeterminate={unknown}
      className={classes("h-1 min-w-8 overflow-hidden rounded-round bg-line", className)}
    >
      {({ percentage }) => (
        <span
          className={classes(
            "block h-full rounded-round",
            tone === "pass" ? "bg-pass" : "bg-accent",
            unknown && "opacity-50",
          )}
          style={{ width: `${unknown ? 100 : percentage}%` }}
        />
      )}
    </AriaProgressBar>
  );
}
