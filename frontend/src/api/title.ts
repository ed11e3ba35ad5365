import { useEffect } from "react";
import { native } from "@/api/native";

/** Names the page and the window while the component is mounted. */
export function useTitle(title: string): void {
  useEffect(() => {
    const whole = title === "" ? "Carrel" : `${title} · Carrel`;
    document.title = whole;
    native().setTitle?.(whole);
  }, [title]);
}
