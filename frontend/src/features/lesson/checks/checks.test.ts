import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { CriterionSchema } from "@/gen/carrel/lesson/v1/lesson_pb";
import { failed, notRun, passed } from "../testing/reports";
import { criterionState } from "./criteria";
import { neighbourFailure, selectedTest } from "./selection";
import { testPlaces } from "./test-source";

describe("criterionState", () => {
  const rows = [passed("a"), failed("b"), notRun("c")];
  it.each([
    { name: "passed when all its tests passed", tests: ["a"], want: "passed" },
    { name: "failed when one of its tests failed", tests: ["a", "b"], want: "failed" },
    { name: "unknown when a test did not run", tests: ["a", "c"], want: "unknown" },
    { name: "unknown when a test is not in the report", tests: ["a", "x"], want: "unknown" },
    { name: "unknown without tests", tests: [], want: "unknown" },
  ])("is $name", ({ tests, want }) => {
    expect(criterionState(create(CriterionSchema, { tests }), rows)).toBe(want);
  });
});

describe("the selected test", () => {
  const rows = [passed("a"), failed("b"), passed("c"), failed("d")];

  it("is the first failure until one is chosen", () => {
    expect(selectedTest(rows, undefined)?.id).toBe("b");
    expect(selectedTest(rows, "c")?.id).toBe("c");
    expect(selectedTest(rows, "gone")?.id).toBe("b");
    expect(selectedTest([passed("a")], undefined)).toBeUndefined();
  });

  it("moves between failures and around the end", () => {
    expect(neighbourFailure(rows, "b", 1)?.id).toBe("d");
    expect(neighbourFailure(rows, "d", 1)?.id).toBe("b");
    expect(neighbourFailure(rows, "b", -1)?.id).toBe("d");
    expect(neighbourFailure(rows, "a", 1)?.id).toBe("b");
    expect(neighbourFailure([passed("a")], "a", 1)).toBeUndefined();
  });
});

describe("testPlaces", () => {
  const files = new Map([
    ["wordfreq.py", { editable: true }],
    ["tests/test_order.py", { editable: false }],
  ]);

  it("takes the expectation's place from the report and the code's from the traceback", () => {
    const message =
      'File "/work/wordfreq.py", line 9, in words\nFile "/work/wordfreq.py", line 22, in top_words';
    const test = failed("tests/test_order.py::test_ties", { file: "tests/test_order.py", line: 14, message });
    expect(testPlaces(test, files)).toEqual({
      code: { path: "wordfreq.py", line: 22 },
      test: { path: "tests/test_order.py", line: 14 },
    });
  });

  it("understands short tracebacks", () => {
    const test = failed("x", { message: "wordfreq.py:22: AssertionError" });
    expect(testPlaces(test, files)).toEqual({ code: { path: "wordfreq.py", line: 22 }, test: undefined });
  });

  it("knows the file of the test from its id", () => {
    expect(testPlaces(failed("tests/test_order.py::test_ties"), files).test).toEqual({
      path: "tests/test_order.py",
      line: 0,
    });
  });

  it("makes no place of a file that does not exist", () => {
    const test = failed("x", { message: "/usr/lib/python3/unittest.py:300: oops" });
    expect(testPlaces(test, files)).toEqual({ code: undefined, test: undefined });
  });
});
