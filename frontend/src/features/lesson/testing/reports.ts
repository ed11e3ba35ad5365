import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Report,
  ReportSchema,
  type TestResult,
  TestResultSchema,
  TestStatus,
  Verdict,
} from "@/gen/carrel/harness/v1/report_pb";
import { type CheckEvent, CheckEventSchema } from "@/gen/carrel/ide/v1/event_service_pb";

export function passed(id: string): TestResult {
  return create(TestResultSchema, { id, name: id, status: TestStatus.PASSED, durationMs: 2 });
}

export function failed(id: string, more: MessageInitShape<typeof TestResultSchema> = {}): TestResult {
  return create(TestResultSchema, { id, name: id, status: TestStatus.FAILED, durationMs: 3, ...more });
}

export function notRun(id: string): TestResult {
  return create(TestResultSchema, { id, name: id, status: TestStatus.NOT_RUN });
}

export function report(verdict: Verdict, tests: TestResult[] = []): Report {
  return create(ReportSchema, { verdict, tests, runner: "docker", usage: { wallMs: 214n } });
}

export function checkEvent(
  checkId: string,
  step: MessageInitShape<typeof CheckEventSchema>["step"],
  lessonId = "lesson",
): CheckEvent {
  return create(CheckEventSchema, { checkId, lessonId, step });
}

export { TestStatus, Verdict };
