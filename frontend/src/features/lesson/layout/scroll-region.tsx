import type { ReactNode, Ref, UIEventHandler } from "react";
import { classes } from "@/ui/classes";

export interface ScrollRegionProps {
  /** The accessible name: what is in it. */
  name: string;
  className?: string;
  ref?: Ref<HTMLElement>;
  onScroll?: UIEventHandler<HTMLElement>;
  children: ReactNode;
}

/** A part of the page that scrolls by itself, so the keyboard must be able to reach it. */
export function ScrollRegion({ name, className, ref, onScroll, children }: ScrollRegionProps) {
  return (
    <section
      ref={ref}
      aria-label={name}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody could scroll without a mouse
      tabIndex={0}
      onScroll={onScroll}
      className={classes("overflow-auto -outline-offset-2", className)}
    >
      {children}
    </section>
  );
}
