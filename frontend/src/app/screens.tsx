import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { LibraryScreen } from "@/features/library/library-screen";
import { useT } from "@/i18n/use-t";
import { doctorPath, lessonPattern, libraryPath } from "@/ui/routes";
import { Skeleton } from "@/ui/skeleton";

// The editor and the terminal weigh more than everything else together, and the library needs neither.
const LessonScreen = lazy(() =>
  import("@/features/lesson/lesson-screen").then((module) => ({ default: module.LessonScreen })),
);
const DoctorScreen = lazy(() =>
  import("@/features/doctor/doctor-screen").then((module) => ({ default: module.DoctorScreen })),
);

/** The routes. An address we do not know leads home. */
export function Screens() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path={libraryPath}>
          <LibraryScreen />
        </Route>
        <Route path={lessonPattern}>
          {({ courseId, slug }: { courseId: string; slug: string }) => (
            <LessonScreen key={`${courseId}/${slug}`} courseId={courseId} slug={slug} />
          )}
        </Route>
        <Route path={doctorPath}>
          <DoctorScreen />
        </Route>
        <Route>
          <Redirect to={libraryPath} replace />
        </Route>
      </Switch>
    </Suspense>
  );
}

function Loading() {
  const t = useT();
  return (
    <div className="sheet m-2 mt-0 flex-1 p-6">
      <Skeleton words={t("shell.loading")} className="max-w-100" />
    </div>
  );
}
