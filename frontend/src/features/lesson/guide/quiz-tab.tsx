import { useMutation } from "@connectrpc/connect-query";
import type { FormEvent } from "react";
import { toProblem } from "@/api/problem";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { useLesson, useLessonState } from "../session/lesson-context";
import { answerOf, isComplete } from "./quiz-answers";
import { QuizQuestion } from "./quiz-question";

/** Questions about the lesson. Any number of tries; each answer is explained. */
export function QuizTab() {
  const t = useT();
  const { session, lesson, courseId, slug } = useLesson();
  const answers = useLessonState((state) => state.answers);
  const results = useLessonState((state) => state.results);
  const { mutate, isPending, error } = useMutation(LibraryService.method.answerQuiz, {
    onSuccess: (response) =>
      session.store.setState({
        results: new Map(response.results.map((result) => [result.questionId, result])),
      }),
  });
  const right = [...results.values()].filter((result) => result.right).length;
  const isChecked = lesson.quiz.every((question) => results.has(question.id));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate({
      courseId,
      slug,
      answers: lesson.quiz.map((question) => ({
        questionId: question.id,
        values: [...answerOf(question, answers)],
      })),
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-6 px-7 py-6 max-medium:px-4">
      <div>
        <h1 className="font-reading text-title font-strong">{t("lesson.quiz.title")}</h1>
        <p className="mt-1 text-ink-soft">{t("lesson.quiz.intro")}</p>
      </div>
      {lesson.quiz.map((question) => (
        <QuizQuestion key={question.id} question={question} />
      ))}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" busy={isPending} isDisabled={isPending || !isComplete(lesson.quiz, answers)}>
          {t("lesson.quiz.answer")}
        </Button>
        <span role="status" className="text-ink-soft">
          {isChecked && t("lesson.quiz.right", { count: right, total: lesson.quiz.length })}
        </span>
      </div>
      {error && (
        <p role="alert" className="text-small text-ink-soft">
          {[toProblem(error).message, toProblem(error).hint].filter(Boolean).join(" ")}
        </p>
      )}
    </form>
  );
}
