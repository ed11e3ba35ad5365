import { useState } from "react";
import { useLayoutValue } from "@/api/layout";
import { useIsShort } from "./use-window";

export interface Fold {
  readonly folded: boolean;
  /** Whether the panel starts folded. */
  readonly initial: boolean;
  /** Called with what the panel's library made of it. */
  readonly observe: (folded: boolean) => void;
}

/** Whether the checks panel is folded to its header. In a short window it starts folded. */
export function useFold(): Fold {
  const short = useIsShort();
  const [remembered, setRemembered] = useLayoutValue<boolean>("lesson.checksFolded", false);
  const [initial] = useState(remembered || short);
  const [folded, setFolded] = useState(initial);
  return {
    folded,
    initial,
    observe: (now) => {
      if (now === folded) return;
      setFolded(now);
      if (!short) setRemembered(now);
    },
  };
}
