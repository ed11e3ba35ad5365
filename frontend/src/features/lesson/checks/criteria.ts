import { type TestResult, TestStatus } from "@/gen/carrel/harness/v1/report_pb";
import type { Criterion } from "@/gen/carrel/lesson/v1/lesson_pb";
import { hasFailed } from "./check-state";

export type CriterionState = "passed" | "failed" | "unknown";

/** A criterion is done when all its tests passed, and failed when one of them failed. */
export function criterionState(criterion: Criterion, rows: readonly TestResult[]): CriterionState {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const results = criterion.tests.map((id) => byId.get(id));
  if (results.some((result) => result && hasFailed(result))) return "failed";
  const allPassed = results.length > 0 && results.every((result) => result?.status === TestStatus.PASSED);
  return allPassed ? "passed" : "unknown";
}
