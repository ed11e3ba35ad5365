import { classes } from "@/ui/classes";

const widths = ["w-2/5", "w-full", "w-[86%]", "w-[62%]"];

export interface SkeletonProps {
  /** 1 to 4. */
  lines?: number;
  /** What is being waited for; say it after a second. */
  words?: string;
  className?: string;
}

/** Grey lines in place of content that is on its way. */
export function Skeleton({ lines = widths.length, words, className }: SkeletonProps) {
  return (
    <div className={classes("grid gap-2", className)} aria-busy="true">
      {widths.slice(0, lines).map((width) => (
        <span key={width} className={classes("block h-3 rounded-tight bg-sheet-selected", width)} />
      ))}
      {words && (
        <p role="status" className="mt-1 text-small text-ink-soft">
          {words}
        </p>
      )}
    </div>
  );
}
