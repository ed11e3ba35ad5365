import { create } from "@bufbuild/protobuf";
import { TestResultSchema, TestStatus, Verdict } from "@/gen/carrel/harness/v1/report_pb";
import { AttemptSchema } from "@/gen/carrel/ide/v1/check_service_pb";
import { LessonStatus, OpenLessonResponseSchema } from "@/gen/carrel/ide/v1/library_service_pb";
import { QuestionKind } from "@/gen/carrel/lesson/v1/lesson_pb";
import { report } from "./reports";

const text = (en: string, ru: string) => ({ byLocale: { en, ru } });

export const COURSE_ID = "python-service";
export const SLUG = "lesson-7";
export const LESSON_ID = "lesson-7-id";

export const MAIN = `"""Count how often each word appears in a text."""

import re
from collections import Counter

WORD = re.compile(r"[a-z]+")


def words(text: str) -> list[str]:
    """Split a text into lower-case words."""
    return WORD.findall(text.lower())


def top_words(text: str, limit: int = 3) -> list[tuple[str, int]]:
    """Return the most frequent words, the most frequent first.

    Words with the same count go in alphabetical order.
    """
    counts = Counter(words(text))

    # most_common already sorts by count
    return counts.most_common(limit)
`;

const TITLES: [id: string, en: string, ru: string][] = [
  ["counts", "Counts repeated words", "Считает повторяющиеся слова"],
  ["case", "Treats upper and lower case as one", "Не различает прописные и строчные"],
  ["empty", "Empty text gives an empty list", "Пустой текст даёт пустой список"],
  ["ties", "Equal counts go in alphabetical order", "При равном числе — по алфавиту"],
  ["apostrophe", "Keeps words with an apostrophe whole", "Слова с апострофом не разрываются"],
  ["limit", "Returns at most limit pairs", "Возвращает не больше limit пар"],
  ["speed", "2 MB of text in under a second", "2 МБ текста быстрее секунды"],
];

const idOf = (name: string) => `tests/test_order.py::test_${name}`;

/** The seven tests as they end on the starter. */
export function failingTests() {
  return TITLES.map(([name, title], index) => {
    const base = { id: idOf(name), name: title, durationMs: 1 + (index % 3), status: TestStatus.PASSED };
    if (name === "ties") {
      return create(TestResultSchema, {
        ...base,
        status: TestStatus.FAILED,
        message: "The counts are right. The order of words with equal counts is not.",
        expected: '[\n  ("dog", 2),\n  ("the", 2),\n  ("a", 1),\n]',
        actual: '[\n  ("the", 2),\n  ("dog", 2),\n  ("cat", 1),\n]',
        file: "tests/test_order.py",
        line: 14,
        output: 'File "/work/wordfreq.py", line 22, in top_words',
      });
    }
    if (name === "apostrophe") {
      return create(TestResultSchema, {
        ...base,
        status: TestStatus.FAILED,
        message: "wordfreq.py:6: AssertionError\nassert [('don', 1), ('t', 1)] == [(\"don't\", 1)]",
      });
    }
    if (name === "speed")
      return create(TestResultSchema, { ...base, status: TestStatus.NOT_RUN, durationMs: 0 });
    return create(TestResultSchema, base);
  });
}

export function passingTests() {
  return failingTests().map(({ id, name, durationMs }) =>
    create(TestResultSchema, { id, name, durationMs: durationMs || 96, status: TestStatus.PASSED }),
  );
}

const at = (hour: number, minute: number) => BigInt(new Date().setHours(hour, minute, 0, 0));

/** Four attempts, newest first; the last one is verified, and one is seen otherwise by the cloud. */
export function sampleAttempts() {
  const failing = report(Verdict.FAILED, failingTests());
  return [
    create(AttemptSchema, { id: "attempt-4", atMs: at(10, 5), report: failing, waiting: true }),
    create(AttemptSchema, {
      id: "attempt-3",
      atMs: at(9, 56),
      report: report(Verdict.TIMED_OUT),
      waiting: true,
    }),
    create(AttemptSchema, {
      id: "attempt-2",
      atMs: at(9, 47),
      report: report(Verdict.PASSED, passingTests()),
      cloudReport: failing,
    }),
    create(AttemptSchema, {
      id: "attempt-1",
      atMs: at(9, 41),
      report: report(Verdict.PASSED, passingTests()),
      verified: true,
    }),
  ];
}

const LESSONS = Array.from({ length: 12 }, (_, index) => ({
  id: index === 6 ? LESSON_ID : `lesson-${index + 1}-id`,
  slug: `lesson-${index + 1}`,
  title:
    index === 6 ? text("Word frequencies", "Частота слов") : text("Grouping records", "Группировка записей"),
  minutes: 25,
  hasExercise: true,
}));

/** The lesson of the design's pictures. */
export function sampleLesson() {
  return create(OpenLessonResponseSchema, {
    lesson: LESSONS[6],
    course: {
      id: COURSE_ID,
      title: text("Python: from script to service", "Python: от скрипта к сервису"),
      lessons: LESSONS,
    },
    theory: text(
      "A dictionary answers one question fast: *what do we know about this key?*\n\n```python\ncounts = {}\nfor word in words:\n    counts[word] = counts.get(word, 0) + 1\n```\n\nPython ships this loop ready made. `Counter` is a dictionary that starts every key at zero.\n\n## Order is a separate decision\n\nCounting does not say which of two equally frequent words comes first.",
      "Словарь быстро отвечает на один вопрос: *что мы знаем об этом ключе?*",
    ),
    task: text(
      "Write the function behind every “most used words” report.\n\nComplete `top_words(text, limit)` in `wordfreq.py`. It returns pairs of a word and its count, the most frequent first.",
      "Напишите функцию, на которой держится любой отчёт «самые частые слова».\n\nДопишите `top_words(text, limit)` в файле `wordfreq.py`. Она возвращает пары «слово и число», начиная с самого частого.",
    ),
    criteria: [
      {
        title: text("Upper and lower case are the same word.", "Прописные и строчные не различаются."),
        tests: [idOf("case")],
      },
      {
        title: text(
          "Words with equal counts go in alphabetical order.",
          "Слова с одинаковой частотой идут по алфавиту.",
        ),
        tests: [idOf("ties")],
      },
      {
        title: text(
          "An apostrophe belongs to the word: `don't` is one word.",
          "Апостроф — часть слова: `don't` считается целиком.",
        ),
        tests: [idOf("apostrophe")],
      },
      {
        title: text(
          "At most `limit` pairs; three when no limit is given.",
          "Не больше `limit` пар; без указания — три.",
        ),
        tests: [idOf("limit")],
      },
    ],
    hints: 3,
    quiz: [
      {
        id: "q1",
        kind: QuestionKind.SINGLE,
        text: text(
          "What does `Counter` return for a missing key?",
          "Что вернёт `Counter` для неизвестного ключа?",
        ),
        options: [
          { id: "zero", text: text("`0`", "`0`") },
          { id: "error", text: text("a `KeyError`", "`KeyError`") },
        ],
      },
      {
        id: "q2",
        kind: QuestionKind.ORDER,
        text: text("Put the steps in order.", "Расставьте шаги по порядку."),
        options: [
          { id: "count", text: text("count", "посчитать") },
          { id: "split", text: text("split", "разбить") },
        ],
      },
    ],
    testTitles: Object.fromEntries(TITLES.map(([name, en, ru]) => [idOf(name), text(en, ru)])),
    learnerFiles: ["wordfreq.py"],
    mainFile: "wordfreq.py",
    runCommand: ["python", "wordfreq.py"],
    environment: "Python 3.13",
    progress: {
      lessonId: LESSON_ID,
      status: LessonStatus.WORKING,
      attempts: 4,
      activeMs: 28n * 60_000n,
    },
    courseProgress: LESSONS.map(({ id }, index) => ({
      lessonId: id,
      status: index < 6 ? LessonStatus.VERIFIED : LessonStatus.NOT_STARTED,
    })),
  });
}
