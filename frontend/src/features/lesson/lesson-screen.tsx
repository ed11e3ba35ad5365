import { useQuery } from "@connectrpc/connect-query";
import { toProblem } from "@/api/problem";
import { useSettings } from "@/api/settings";
import { pickText } from "@/api/text";
import { useTitle } from "@/api/title";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { LessonWorkspace } from "./lesson-workspace";

export interface LessonScreenProps {
  courseId: string;
  slug: string;
}

/** One lesson: its text, the learner's files, and what the checks say about them. */
export function LessonScreen({ courseId, slug }: LessonScreenProps) {
  const t = useT();
  const locale = useLocale();
  const settings = useSettings();
  const { data, error, refetch } = useQuery(LibraryService.method.openLesson, { courseId, slug });
  useTitle(pickText(data?.lesson?.title, locale));

  if (data?.lesson && settings.isLoaded) {
    return <LessonWorkspace key={data.lesson.id} lesson={data} courseId={courseId} slug={slug} />;
  }
  return (
    <div className="sheet mx-2 mb-2 min-h-0 flex-1 p-6">
      {error && !data ? (
        <ProblemState problem={toProblem(error)} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="max-w-104" lines={4} words={t("lesson.opening")} />
      )}
    </div>
  );
}
