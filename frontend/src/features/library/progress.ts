import {
  type CourseCard,
  CourseState,
  type LessonProgress,
  LessonStatus,
  type ListCoursesResponse,
} from "@/gen/carrel/ide/v1/library_service_pb";
import type { CourseSummary, LessonSummary } from "@/gen/carrel/lesson/v1/lesson_pb";
import type { VerdictState } from "@/ui/verdict-chip";

const passed = new Set([LessonStatus.PASSED, LessonStatus.VERIFIED, LessonStatus.MISMATCH]);

export function isPassed(progress: LessonProgress | undefined): boolean {
  return progress !== undefined && passed.has(progress.status);
}

export function progressOf(card: CourseCard, lessonId: string): LessonProgress | undefined {
  return card.progress.find((progress) => progress.lessonId === lessonId);
}

export interface CourseProgress {
  lessons: number;
  passed: number;
  /** Every lesson passed, and the cloud agrees with all of them. */
  verified: boolean;
}

export function courseProgress(card: CourseCard): CourseProgress {
  const lessons = card.course?.lessons ?? [];
  const all = lessons.map((lesson) => progressOf(card, lesson.id));
  return {
    lessons: lessons.length,
    passed: all.filter(isPassed).length,
    verified: lessons.length > 0 && all.every((progress) => progress?.status === LessonStatus.VERIFIED),
  };
}

/** Where to go on in a course: the first lesson not yet passed, else the first of all. */
export function nextLesson(card: CourseCard): LessonSummary | undefined {
  const lessons = card.course?.lessons ?? [];
  return lessons.find((lesson) => !isPassed(progressOf(card, lesson.id))) ?? lessons[0];
}

/** The one next step of the library: the lesson left last, or the beginning of a course when nothing was begun. */
export function whereToGoOn(library: ListCoursesResponse): { card: CourseCard; slug: string } | undefined {
  const left = library.courses.find((card) => card.course?.id === library.continueCourseId);
  if (left) return { card: left, slug: library.continueLessonSlug };
  for (const card of library.courses) {
    const lesson = card.state === CourseState.INSTALLED ? nextLesson(card) : undefined;
    if (lesson) return { card, slug: lesson.slug };
  }
  return undefined;
}

/** Where a lesson stands, as a verdict chip shows it. */
export function verdictOf(progress: LessonProgress | undefined): VerdictState {
  switch (progress?.status) {
    case LessonStatus.WORKING:
      return progress.lastFailed > 0 ? "failed" : "working";
    case LessonStatus.PASSED:
      return "local";
    case LessonStatus.VERIFIED:
      return "verified";
    case LessonStatus.MISMATCH:
      return "mismatch";
    default:
      return "notStarted";
  }
}

export interface WaitingLesson {
  card: CourseCard;
  lesson: LessonSummary;
  progress: LessonProgress;
}

const seenByCloud = new Set([LessonStatus.VERIFIED, LessonStatus.MISMATCH]);

/** Lessons with checks the cloud has not seen, latest first. */
export function waitingLessons(cards: readonly CourseCard[], lastSyncAtMs: bigint): WaitingLesson[] {
  return cards
    .flatMap((card) =>
      (card.course?.lessons ?? []).flatMap((lesson) => {
        const progress = progressOf(card, lesson.id);
        if (!progress || progress.attempts === 0 || seenByCloud.has(progress.status)) return [];
        return progress.lastAtMs > lastSyncAtMs ? [{ card, lesson, progress }] : [];
      }),
    )
    .sort((a, b) => Number(b.progress.lastAtMs - a.progress.lastAtMs));
}

const cloths = 6;

/** The number of the spine's cloth, 1 to 6: the same course always wears the same. */
export function clothOf(course: Pick<CourseSummary, "id">): number {
  let sum = 0;
  for (const letter of course.id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return (sum % cloths) + 1;
}
