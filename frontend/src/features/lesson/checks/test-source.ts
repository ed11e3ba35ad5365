import type { TestResult } from "@/gen/carrel/harness/v1/report_pb";

/** A place in a file of the workspace. */
export interface Place {
  readonly path: string;
  /** 1-based; 0 when only the file is known. */
  readonly line: number;
}

export interface TestPlaces {
  /** The learner's line that the failure points to. */
  readonly code?: Place;
  /** The expectation that did not hold. */
  readonly test?: Place;
}

/** How frameworks write a place in their messages: `path:12`, `"path", line 12`. */
const PLACES = [/(?<path>[\w./-]+\.\w+):(?<line>\d+)/g, /"(?<path>[^"\n]+)", line (?<line>\d+)/g];

/**
 * Finds the lines a failed test speaks about. A report names one place; the other one, if there is one, is in the
 * framework's message. The last place in the learner's own files is the deepest one of a traceback.
 */
export function testPlaces(
  test: TestResult,
  files: ReadonlyMap<string, { readonly editable: boolean }>,
): TestPlaces {
  const reported =
    test.file === "" ? [] : [{ path: inWorkspace(test.file, files) ?? test.file, line: test.line }];
  const mentioned = PLACES.flatMap((pattern) => [...`${test.message}\n${test.output}`.matchAll(pattern)])
    .map((match) => ({
      path: inWorkspace(match.groups?.path ?? "", files),
      line: Number(match.groups?.line),
    }))
    .filter((place): place is Place => place.path !== undefined);
  const isCode = (place: Place) => files.get(place.path)?.editable === true;
  const declared = test.id.split("::")[0] ?? "";
  const declaredIn = declared !== "" && files.has(declared) ? { path: declared, line: 0 } : undefined;
  return {
    code: reported.find(isCode) ?? mentioned.filter(isCode).at(-1),
    test: reported.find((place) => !isCode(place)) ?? mentioned.find((place) => !isCode(place)) ?? declaredIn,
  };
}

/** Messages name files by their path inside the container; the workspace's path is the end of it. */
function inWorkspace(path: string, files: ReadonlyMap<string, unknown>): string | undefined {
  const clean = path.replace(/^\.\//, "");
  if (files.has(clean)) return clean;
  return [...files.keys()].find((known) => clean.endsWith(`/${known}`));
}
