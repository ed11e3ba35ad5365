import { BookOpen } from "lucide-react";
import { pickText } from "@/api/text";
import { useLocale, useT } from "@/i18n/use-t";
import { EmptyState } from "@/ui/empty-state";
import { useLesson } from "../session/lesson-context";
import { LessonHead, withoutTitle } from "./lesson-head";
import { LessonText } from "./lesson-text";

export function TheoryTab() {
  const t = useT();
  const locale = useLocale();
  const { lesson } = useLesson();
  const text = withoutTitle(pickText(lesson.theory, locale), pickText(lesson.lesson?.title, locale));
  return (
    <article className="px-7 py-6">
      <LessonHead />
      {text === "" ? (
        <EmptyState icon={BookOpen} title={t("lesson.guide.empty")} />
      ) : (
        <LessonText text={text} />
      )}
    </article>
  );
}
