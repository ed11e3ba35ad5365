import { useMemo } from "react";
import { hasFailed } from "../checks/check-state";
import { testPlaces } from "../checks/test-source";
import { useShownCheck } from "../session/use-attempts";
import { useFiles } from "../session/use-files";

/** How many failures of the shown check point into each of the learner's files. */
export function useFailuresByFile(): ReadonlyMap<string, number> {
  const { rows } = useShownCheck();
  const { byPath } = useFiles();
  return useMemo(() => {
    const failures = new Map<string, number>();
    for (const row of rows.filter(hasFailed)) {
      const path = testPlaces(row, byPath).code?.path;
      if (path) failures.set(path, (failures.get(path) ?? 0) + 1);
    }
    return failures;
  }, [rows, byPath]);
}
