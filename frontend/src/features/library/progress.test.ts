import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  clothOf,
  courseProgress,
  nextLesson,
  progressOf,
  verdictOf,
  waitingLessons,
  whereToGoOn,
} from "@/features/library/progress";
import { LessonStatus, ListCoursesResponseSchema } from "@/gen/carrel/ide/v1/library_service_pb";
import { sampleLibrary, sketchCourse } from "@/testing/sample-library";

const { VERIFIED, PASSED, WORKING, MISMATCH, NOT_STARTED } = LessonStatus;
const course = (...statuses: LessonStatus[]) =>
  sketchCourse({
    id: "c",
    en: "C",
    ru: "Ц",
    tags: [],
    lessons: [
      ["One", "Один"],
      ["Two", "Два"],
      ["Three", "Три"],
    ],
    statuses,
  });

describe("courseProgress", () => {
  it("counts what passed here or in the cloud", () => {
    expect(courseProgress(course(VERIFIED, PASSED, WORKING))).toEqual({
      lessons: 3,
      passed: 2,
      verified: false,
    });
    expect(courseProgress(course(MISMATCH))).toEqual({ lessons: 3, passed: 1, verified: false });
  });

  it("is verified only when the cloud agrees with everything", () => {
    expect(courseProgress(course(VERIFIED, VERIFIED, VERIFIED)).verified).toBe(true);
    expect(courseProgress(course(VERIFIED, VERIFIED, PASSED)).verified).toBe(false);
    expect(courseProgress(sketchCourse({ id: "e", en: "", ru: "", tags: [], lessons: [] })).verified).toBe(
      false,
    );
  });
});

describe("nextLesson", () => {
  it("is the first that has not passed", () => {
    expect(nextLesson(course(VERIFIED, WORKING))?.slug).toBe("lesson-2");
    expect(nextLesson(course())?.slug).toBe("lesson-1");
  });

  it("is the first of all when everything passed", () => {
    expect(nextLesson(course(PASSED, PASSED, PASSED))?.slug).toBe("lesson-1");
  });
});

describe("whereToGoOn", () => {
  it("is the lesson left last", () => {
    const { card, slug } = whereToGoOn(sampleLibrary()) ?? {};
    expect([card?.course?.id, slug]).toEqual(["python-service", "lesson-7"]);
  });

  it("is the beginning of a course that is here when nothing was begun", () => {
    const library = sampleLibrary();
    library.continueCourseId = "";
    library.courses = library.courses.filter((card) => card.course?.id !== "python-service").reverse();
    const { card, slug } = whereToGoOn(library) ?? {};
    expect([card?.course?.id, slug]).toEqual(["command-line", "lesson-1"]);
  });

  it("is nowhere without a course", () => {
    expect(whereToGoOn(create(ListCoursesResponseSchema))).toBeUndefined();
  });
});

describe("verdictOf", () => {
  it.each([
    [NOT_STARTED, "notStarted"],
    [WORKING, "failed"],
    [PASSED, "local"],
    [VERIFIED, "verified"],
    [MISMATCH, "mismatch"],
  ] as const)("status %i is %s", (status, verdict) => {
    expect(verdictOf(progressOf(course(status), "c-1"))).toBe(verdict);
  });

  it("is working without a failed check, and not started without anything", () => {
    const progress = progressOf(course(WORKING), "c-1");
    if (progress) progress.lastFailed = 0;
    expect(verdictOf(progress)).toBe("working");
    expect(verdictOf(undefined)).toBe("notStarted");
  });
});

describe("waitingLessons", () => {
  it("are those tried since the last sync that the cloud has not seen, latest first", () => {
    const card = course(VERIFIED, PASSED, WORKING);
    const syncedAt = progressOf(card, "c-1")?.lastAtMs ?? 0n;
    expect(waitingLessons([card], 0n).map(({ lesson }) => lesson.id)).toEqual(["c-3", "c-2"]);
    expect(waitingLessons([card], syncedAt + 60_000n).map(({ lesson }) => lesson.id)).toEqual(["c-3"]);
    expect(waitingLessons([card], BigInt(Number.MAX_SAFE_INTEGER))).toEqual([]);
  });
});

describe("clothOf", () => {
  it("is the same for the same course and one of six", () => {
    for (const id of ["", "first-steps", "курс", "a".repeat(200)]) {
      expect(clothOf({ id })).toBe(clothOf({ id }));
      expect([1, 2, 3, 4, 5, 6]).toContain(clothOf({ id }));
    }
  });
});
