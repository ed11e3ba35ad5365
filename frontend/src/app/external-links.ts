import { useEffect } from "react";
import { native } from "@/api/native";

/** The window cannot follow links out of itself; the system's browser can. */
export function useExternalLinks(): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      const { openExternal } = native();
      if (!(link instanceof HTMLAnchorElement) || !openExternal || !/^https?:$/.test(link.protocol)) return;
      if (link.origin === window.location.origin) return;
      event.preventDefault();
      openExternal(link.href);
    };
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, []);
}
