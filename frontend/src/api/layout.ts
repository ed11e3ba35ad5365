import { useCallback } from "react";
import { useChangeSettings, useSettings } from "@/api/settings";

function parse(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * A size or fold of the layout, remembered on this computer under `name`. Writes go to disk at once: call the setter
 * when a drag ends, not while it lasts. A remembered value of another type counts as absent.
 */
export function useLayoutValue<T extends string | number | boolean | Record<string, number>>(
  name: string,
  fallback: T,
): [value: T, set: (value: T) => void] {
  const { settings } = useSettings();
  const change = useChangeSettings();
  const remembered = parse(settings.layoutJson)[name];
  const value = typeof remembered === typeof fallback ? (remembered as T) : fallback;
  const set = useCallback(
    (next: T) => change({ layoutJson: JSON.stringify({ ...parse(settings.layoutJson), [name]: next }) }),
    [change, name, settings.layoutJson],
  );
  return [value, set];
}
