import { ArrowDown, ArrowUp, CircleCheck, CircleX } from "lucide-react";
import { useId } from "react";
import { pickText } from "@/api/text";
import type { AnswerResult } from "@/gen/carrel/ide/v1/library_service_pb";
import { type Question, QuestionKind } from "@/gen/carrel/lesson/v1/lesson_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { Checkbox, CheckboxGroup, Radio, RadioGroup } from "@/ui/choice";
import { Field } from "@/ui/field";
import { Markdown } from "@/ui/markdown";
import { useLesson, useLessonState } from "../session/lesson-context";
import { answered, answerOf, moved } from "./quiz-answers";

/** One question with its answers, and what the server said about the last one. */
export function QuizQuestion({ question }: { question: Question }) {
  const locale = useLocale();
  const { session } = useLesson();
  const titleId = useId();
  const answers = useLessonState((state) => state.answers);
  const result = useLessonState((state) => state.results.get(question.id));
  const values = answerOf(question, answers);
  const change = (next: readonly string[]) =>
    session.store.setState((state) => ({
      answers: answered(state.answers, question, next),
      results: new Map([...state.results].filter(([id]) => id !== question.id)),
    }));
  return (
    <section aria-labelledby={titleId} className="grid gap-3">
      <div id={titleId}>
        <Markdown text={pickText(question.text, locale)} />
      </div>
      <Answers question={question} titleId={titleId} values={values} onChange={change} />
      {result && <Verdict result={result} />}
    </section>
  );
}

interface AnswersProps {
  question: Question;
  titleId: string;
  values: readonly string[];
  onChange: (values: readonly string[]) => void;
}

function Answers({ question, titleId, values, onChange }: AnswersProps) {
  const t = useT();
  const locale = useLocale();
  const options = question.options.map(({ id, text }) => ({ id, text: pickText(text, locale) }));
  switch (question.kind) {
    case QuestionKind.SINGLE:
      return (
        <RadioGroup
          aria-labelledby={titleId}
          value={values[0] ?? null}
          onChange={(value) => onChange([value])}
          className="grid gap-2"
        >
          {options.map(({ id, text }) => (
            <Radio key={id} value={id}>
              <Markdown size="small" text={text} />
            </Radio>
          ))}
        </RadioGroup>
      );
    case QuestionKind.MULTIPLE:
      return (
        <CheckboxGroup
          aria-labelledby={titleId}
          value={[...values]}
          // The order of options, not of clicks, is what the server compares.
          onChange={(next) => onChange(options.map(({ id }) => id).filter((id) => next.includes(id)))}
          className="grid gap-2"
        >
          {options.map(({ id, text }) => (
            <Checkbox key={id} value={id}>
              <Markdown size="small" text={text} />
            </Checkbox>
          ))}
        </CheckboxGroup>
      );
    case QuestionKind.ORDER:
      return (
        <ol aria-labelledby={titleId} className="grid gap-1">
          {values.map((id, at) => {
            const text = options.find((option) => option.id === id)?.text ?? id;
            return (
              <li
                key={id}
                className="flex items-center gap-2 rounded-control border border-line bg-sheet-sunken py-1 pr-1 pl-3"
              >
                <span className="w-4 text-small text-ink-faint tabular">{at + 1}</span>
                <div className="min-w-0 flex-1">
                  <Markdown size="small" text={text} />
                </div>
                <IconButton
                  size="small"
                  icon={ArrowUp}
                  name={t("lesson.quiz.up", { text })}
                  isDisabled={at === 0}
                  onPress={() => onChange(moved(values, id, -1))}
                />
                <IconButton
                  size="small"
                  icon={ArrowDown}
                  name={t("lesson.quiz.down", { text })}
                  isDisabled={at === values.length - 1}
                  onPress={() => onChange(moved(values, id, 1))}
                />
              </li>
            );
          })}
        </ol>
      );
    default:
      return (
        <Field
          label={t("lesson.quiz.yourAnswer")}
          value={values[0] ?? ""}
          onChange={(value) => onChange([value])}
          autoComplete="off"
          spellCheck="false"
        />
      );
  }
}

function Verdict({ result }: { result: AnswerResult }) {
  const t = useT();
  const locale = useLocale();
  const Icon = result.right ? CircleCheck : CircleX;
  return (
    <div className="grid grid-cols-[16px_1fr] gap-3 rounded-[8px] border border-line bg-sheet-sunken px-4 py-3">
      <Icon aria-hidden size={16} className={`mt-0.5 ${result.right ? "text-pass" : "text-fail"}`} />
      <div>
        <p className="font-medium">{t(result.right ? "lesson.quiz.isRight" : "lesson.quiz.isWrong")}</p>
        <Markdown size="small" text={pickText(result.explanation, locale)} className="text-ink-soft" />
      </div>
    </div>
  );
}
