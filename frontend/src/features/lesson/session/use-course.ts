import { LessonStatus } from "@/gen/carrel/ide/v1/library_service_pb";
import type { LessonSummary } from "@/gen/carrel/lesson/v1/lesson_pb";
import { lessonPath, useGo } from "@/ui/routes";
import { useLesson } from "./lesson-context";

export function isPassed(status: LessonStatus | undefined): boolean {
  return status === LessonStatus.PASSED || status === LessonStatus.VERIFIED;
}

export interface CoursePlace {
  readonly lessons: readonly LessonSummary[];
  /** 1 for the first lesson. */
  readonly number: number;
  readonly previous: LessonSummary | undefined;
  readonly next: LessonSummary | undefined;
  readonly go: (lesson: LessonSummary | undefined) => void;
  readonly isDone: (lesson: LessonSummary) => boolean;
}

/** Where the lesson is in its course. */
export function useCourse(): CoursePlace {
  const { lesson, courseId, slug } = useLesson();
  const go = useGo();
  const lessons = lesson.course?.lessons ?? [];
  const at = lessons.findIndex((other) => other.slug === slug);
  const progress = new Map(lesson.courseProgress.map((each) => [each.lessonId, each.status]));
  return {
    lessons,
    number: at + 1,
    previous: lessons[at - 1],
    next: at < 0 ? undefined : lessons[at + 1],
    go: (target) => {
      if (target) go(lessonPath(courseId, target.slug));
    },
    isDone: (other) => isPassed(progress.get(other.id)),
  };
}
