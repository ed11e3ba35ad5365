import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type CourseCard,
  CourseCardSchema,
  CourseState,
  type LessonProgressSchema,
  LessonStatus,
  type ListCoursesResponse,
  ListCoursesResponseSchema,
} from "@/gen/carrel/ide/v1/library_service_pb";

interface Sketch {
  id: string;
  en: string;
  ru: string;
  tags: string[];
  lessons: [en: string, ru: string][];
  statuses?: LessonStatus[];
  megabytes?: number;
  state?: CourseState;
  readyOffline?: boolean;
  message?: string;
}

const both = (en: string, ru: string) => ({ byLocale: { en, ru } });
const { VERIFIED, PASSED, WORKING } = LessonStatus;

/** A course card from a few words. Lesson ids are "<course>-<number>", slugs "lesson-<number>". */
export function sketchCourse(sketch: Sketch): CourseCard {
  const lessons = sketch.lessons.map(([en, ru], index) => ({
    id: `${sketch.id}-${index + 1}`,
    slug: `lesson-${index + 1}`,
    title: both(en, ru),
    minutes: 20,
    hasExercise: true,
  }));
  const progress: MessageInitShape<typeof LessonProgressSchema>[] = (sketch.statuses ?? []).map(
    (status, index) => ({
      lessonId: `${sketch.id}-${index + 1}`,
      status,
      attempts: 4,
      lastFailed: status === WORKING ? 2 : 0,
      lastTotal: 7,
      lastAtMs: BigInt(new Date().setHours(9, 30 + index, 0, 0)),
      activeMs: 24n * 60_000n,
      quizBest: -1,
    }),
  );
  return create(CourseCardSchema, {
    course: {
      id: sketch.id,
      title: both(sketch.en, sketch.ru),
      summary: both("", ""),
      tags: sketch.tags,
      lessons,
      sizeBytes: BigInt((sketch.megabytes ?? 0) * 1_000_000),
      locales: ["en", "ru"],
    },
    state: sketch.state ?? CourseState.INSTALLED,
    progress,
    message: sketch.message ?? "",
    readyOffline: sketch.readyOffline ?? false,
  });
}

function numbered(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`Lesson ${index + 1}`, `Урок ${index + 1}`]);
}

/** A library with one course of each kind, the first of them half done. */
export function sampleLibrary(): ListCoursesResponse {
  return create(ListCoursesResponseSchema, {
    continueCourseId: "python-service",
    continueLessonSlug: "lesson-7",
    courses: [
      sketchCourse({
        id: "python-service",
        en: "Python: from script to service",
        ru: "Python: от скрипта к сервису",
        tags: ["Python", "pytest"],
        lessons: [
          ["First script", "Первый скрипт"],
          ["Lines and numbers", "Строки и числа"],
          ["Lists", "Списки"],
          ["Functions", "Функции"],
          ["Files", "Файлы"],
          ["Grouping with setdefault", "Группировка через setdefault"],
          ["Word frequencies", "Частоты слов"],
          ["Modules", "Модули"],
          ["Errors", "Ошибки"],
          ["Classes", "Классы"],
          ["HTTP", "HTTP"],
          ["A small service", "Маленький сервис"],
        ],
        statuses: [VERIFIED, VERIFIED, VERIFIED, VERIFIED, PASSED, PASSED, WORKING],
        megabytes: 312,
        readyOffline: true,
      }),
      sketchCourse({
        id: "sql-counting",
        en: "SQL for people who count things",
        ru: "SQL для тех, кто считает",
        tags: ["SQL", "PostgreSQL"],
        lessons: numbered(18),
        statuses: [VERIFIED, VERIFIED, VERIFIED, VERIFIED],
        megabytes: 96,
      }),
      sketchCourse({
        id: "http-wire",
        en: "HTTP from the wire up",
        ru: "HTTP с самого провода",
        tags: ["HTTP"],
        lessons: numbered(14),
        megabytes: 180,
        state: CourseState.REMOTE,
      }),
      sketchCourse({
        id: "command-line",
        en: "The command line, properly",
        ru: "Командная строка как следует",
        tags: ["bash"],
        lessons: numbered(10),
        statuses: Array.from({ length: 10 }, () => VERIFIED),
        megabytes: 96,
        readyOffline: true,
      }),
      sketchCourse({
        id: "my-draft",
        en: "My draft course",
        ru: "Черновик курса",
        tags: [],
        lessons: [],
        state: CourseState.BROKEN,
        message: "course.yaml, line 12: two lessons have the slug “lists”.",
      }),
    ],
  });
}
