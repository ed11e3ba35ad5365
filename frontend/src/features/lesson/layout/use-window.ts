import { useSyncExternalStore } from "react";
import { isShort, type LayoutKind, layoutKind } from "./layout";

function watch(listener: () => void): () => void {
  window.addEventListener("resize", listener);
  return () => window.removeEventListener("resize", listener);
}

/** The row of the layout table the window is in. Renders only when the row changes. */
export function useLayoutKind(): LayoutKind {
  return useSyncExternalStore(watch, () => layoutKind(window.innerWidth));
}

export function useIsShort(): boolean {
  return useSyncExternalStore(watch, () => isShort(window.innerHeight));
}
