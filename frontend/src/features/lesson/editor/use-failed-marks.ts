import { useMemo } from "react";
import { hasFailed, isUnderWay } from "../checks/check-state";
import { testPlaces } from "../checks/test-source";
import { useTestTitle } from "../checks/use-test-title";
import { useShownCheck } from "../session/use-attempts";
import { useFiles } from "../session/use-files";
import type { FailedMark } from "./failed-marks";

/** The failures of the shown check that point into a file: at the learner's line, and at the test's own. */
export function useFailedMarks(path: string): readonly FailedMark[] {
  const check = useShownCheck();
  const { byPath } = useFiles();
  const titleOf = useTestTitle();
  const underWay = isUnderWay(check);
  const { rows } = check;
  return useMemo(() => {
    if (underWay) return [];
    return rows.filter(hasFailed).flatMap((row) => {
      const { code, test } = testPlaces(row, byPath);
      return [code, test]
        .filter((place) => place?.path === path && place.line > 0)
        .map((place) => ({ line: place?.line ?? 0, title: titleOf(row) }));
    });
  }, [rows, underWay, byPath, titleOf, path]);
}
