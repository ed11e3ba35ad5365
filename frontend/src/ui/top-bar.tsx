import { createContext, type ReactNode, useContext } from "react";
import { createPortal } from "react-dom";

/** Places of the top bar a screen may fill. The shell owns the bar itself, the mark and the sync chip. */
export type TopBarPlace = "start" | "middle" | "end";

/** Elements to render into, given by the shell once they exist. */
export const TopBarContext = createContext<Record<TopBarPlace, HTMLElement | null>>({
  start: null,
  middle: null,
  end: null,
});

/** Puts parts of a screen into the top bar: its crumbs at the start, its buttons at the end. */
export function TopBarSlot({ place, children }: { place: TopBarPlace; children: ReactNode }) {
  const element = useContext(TopBarContext)[place];
  return element && createPortal(children, element);
}
