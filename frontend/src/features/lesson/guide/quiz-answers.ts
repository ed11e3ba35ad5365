import { type Question, QuestionKind } from "@/gen/carrel/lesson/v1/lesson_pb";

/** What the learner has chosen so far, by question id: option ids in order, or one element with a text. */
export type QuizAnswers = ReadonlyMap<string, readonly string[]>;

/** Order questions start in the order shown; the others start unanswered. */
export function answerOf(question: Question, answers: QuizAnswers): readonly string[] {
  const given = answers.get(question.id);
  if (given) return given;
  return question.kind === QuestionKind.ORDER ? question.options.map((option) => option.id) : [];
}

export function answered(answers: QuizAnswers, question: Question, values: readonly string[]): QuizAnswers {
  return new Map(answers).set(question.id, values);
}

/** Moves an option of an order question one place up (-1) or down (1). */
export function moved(values: readonly string[], id: string, direction: 1 | -1): readonly string[] {
  const from = values.indexOf(id);
  const to = from + direction;
  if (from < 0 || to < 0 || to >= values.length) return values;
  const next = values.filter((value) => value !== id);
  next.splice(to, 0, id);
  return next;
}

/** Whether every question that needs a choice has one. */
export function isComplete(quiz: readonly Question[], answers: QuizAnswers): boolean {
  return quiz.every((question) => answerOf(question, answers).some((value) => value.trim() !== ""));
}
