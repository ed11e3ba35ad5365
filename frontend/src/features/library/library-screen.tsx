import { useQuery } from "@connectrpc/connect-query";
import { BookOpen } from "lucide-react";
import { toProblem } from "@/api/problem";
import { useSyncStatus } from "@/api/sync";
import { useTitle } from "@/api/title";
import { useCommandRegistry } from "@/commands/use-command";
import { ContinueCard } from "@/features/library/continue-card";
import { CourseBook } from "@/features/library/course-book";
import { useRefreshAfterTasks } from "@/features/library/install";
import { LibraryBar } from "@/features/library/library-bar";
import { OpenCourse } from "@/features/library/open-course";
import { whereToGoOn } from "@/features/library/progress";
import { WaitingList } from "@/features/library/waiting-list";
import { LibraryService, type ListCoursesResponse } from "@/gen/carrel/ide/v1/library_service_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Count } from "@/ui/chip";
import { EmptyState } from "@/ui/empty-state";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";

/** Home: what to go on with, the courses, and what waits for the cloud. */
export function LibraryScreen() {
  const t = useT();
  useTitle(t("library.title"));
  useRefreshAfterTasks();
  const status = useSyncStatus();
  const { data, error, refetch } = useQuery(LibraryService.method.listCourses);
  return (
    <div className="flex-1 overflow-y-auto px-6 py-7">
      <LibraryBar />
      <h1 className="sr-only">{t("library.title")}</h1>
      <div className="mx-auto grid max-w-296 grid-cols-[minmax(0,1fr)] items-start gap-8 medium:grid-cols-[minmax(0,1fr)_280px]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          {data && <Shelf library={data} />}
          {error && !data && (
            <div className="sheet p-5">
              <ProblemState problem={toProblem(error)} onRetry={() => void refetch()} />
            </div>
          )}
          {!data && !error && <LoadingShelf />}
        </div>
        <aside className="grid grid-cols-[minmax(0,1fr)] gap-7" aria-label={t("library.side")}>
          <OpenCourse />
          {data && status && <WaitingList cards={data.courses} status={status} />}
        </aside>
      </div>
    </div>
  );
}

function Shelf({ library }: { library: ListCoursesResponse }) {
  const t = useT();
  const commands = useCommandRegistry();
  const { courses } = library;
  const next = whereToGoOn(library);
  if (courses.length === 0) {
    return (
      <div className="sheet p-5">
        <EmptyState
          icon={BookOpen}
          title={t("library.empty.title")}
          actions={
            <>
              <Button kind="primary" size="small" onPress={() => commands.run("library.addFolder")}>
                {t("library.openTitle")}
              </Button>
              <Button kind="quiet" size="small" onPress={() => commands.run("account.signIn")}>
                {t("account.signIn")}
              </Button>
            </>
          }
        >
          {t("library.empty.text")}
        </EmptyState>
      </div>
    );
  }
  return (
    <>
      {next && <ContinueCard card={next.card} slug={next.slug} />}
      <section aria-labelledby="your-courses">
        <h2 id="your-courses" className="mb-3 flex items-center gap-2 font-strong">
          {t("library.courses")}
          <Count>{courses.length}</Count>
        </h2>
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(260px,100%),1fr))] gap-4">
          {courses.map(
            (card) => card.course && <CourseBook key={card.course.id} card={card} course={card.course} />,
          )}
        </ul>
      </section>
    </>
  );
}

function LoadingShelf() {
  const t = useT();
  return (
    <>
      <div className="sheet p-6">
        <Skeleton words={t("library.loading")} className="max-w-100" />
      </div>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(260px,100%),1fr))] gap-4">
        {["first", "second", "third"].map((place) => (
          <div key={place} className="sheet h-48 p-4">
            <Skeleton lines={2} />
          </div>
        ))}
      </div>
    </>
  );
}
