import type { TestResult } from "@/gen/carrel/harness/v1/report_pb";
import { hasFailed } from "./check-state";

/** The row to show: the chosen one while it exists, else the first failure, else none. */
export function selectedTest(
  rows: readonly TestResult[],
  chosen: string | undefined,
): TestResult | undefined {
  return rows.find((row) => row.id === chosen) ?? rows.find(hasFailed);
}

/** The failed row after (direction 1) or before (-1) the present one, around the end. */
export function neighbourFailure(
  rows: readonly TestResult[],
  present: string | undefined,
  direction: 1 | -1,
): TestResult | undefined {
  const failed = rows.filter(hasFailed);
  if (failed.length === 0) return undefined;
  const at = failed.findIndex((row) => row.id === present);
  if (at < 0) return direction === 1 ? failed[0] : failed[failed.length - 1];
  return failed[(at + direction + failed.length) % failed.length];
}
