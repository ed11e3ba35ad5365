import type { Report } from "@/gen/carrel/harness/v1/report_pb";

/** Lines of the log that fit beside the verdict. */
const END_LINES = 12;

/** The end of the log, which is where programs say why they stopped. */
export function logEnd(report: Report): string {
  const text = report.log?.tail || report.log?.head || "";
  return text.trimEnd().split("\n").slice(-END_LINES).join("\n");
}
