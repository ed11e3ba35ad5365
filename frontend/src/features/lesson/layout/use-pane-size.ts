import { type RefObject, useState } from "react";
import { type PanelImperativeHandle, usePanelRef } from "react-resizable-panels";
import { useLayoutValue } from "@/api/layout";
import type { PANES } from "./layout";

export interface PaneSizeControl {
  readonly panelRef: RefObject<PanelImperativeHandle | null>;
  /** The size to start with, in pixels. */
  readonly initial: number;
  /** Remembers the present size; call it when a drag has ended. */
  readonly remember: () => void;
  /** Goes back to the usual size. */
  readonly reset: () => void;
}

/** Remembers the size of a pane in pixels, on this computer. */
export function usePaneSize(name: string, size: (typeof PANES)[keyof typeof PANES]): PaneSizeControl {
  const panelRef = usePanelRef();
  const [remembered, setRemembered] = useLayoutValue<number>(`lesson.${name}`, size.usual);
  // The panel's library owns the size after the start; a new "default" would fight with the hand on the handle.
  const [initial] = useState(() => Math.min(size.max, Math.max(size.min, remembered)));
  return {
    panelRef,
    initial,
    remember: () => {
      const pixels = Math.round(panelRef.current?.getSize().inPixels ?? 0);
      if (pixels >= size.min && pixels !== remembered) setRemembered(pixels);
    },
    reset: () => {
      panelRef.current?.resize(size.usual);
      setRemembered(size.usual);
    },
  };
}
