import { useMutation } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { invalidate, useEvent } from "@/api/events";
import { toProblem } from "@/api/problem";
import { useTask } from "@/api/tasks";
import type { TaskEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { sentence } from "@/i18n/sentences";

export interface Install {
  start: () => void;
  /** Newest news of the download, when there is one. */
  task: TaskEvent | undefined;
  /** One sentence when the last try failed; empty otherwise. */
  failure: string;
  isStarting: boolean;
}

/** Downloading one course. The id of the work is stable, so a download is found again after a reload. */
export function useInstall(courseId: string): Install {
  const queries = useQueryClient();
  const install = useMutation(LibraryService.method.installCourse, {
    onSuccess: () => invalidate(queries, LibraryService.method.listCourses),
  });
  const task = useTask(install.data?.taskId ?? `install-${courseId}`);
  const problem = install.error && toProblem(install.error);
  return {
    start: () => install.mutate({ courseId }),
    task,
    failure: problem ? problem.message : task?.ended ? sentence(task.message) : "",
    isStarting: install.isPending,
  };
}

/** Reads the library again whenever some long work ends: it may have brought a course or an environment. */
export function useRefreshAfterTasks(): void {
  const queries = useQueryClient();
  useEvent("task", (task) => {
    if (task.ended) invalidate(queries, LibraryService.method.listCourses);
  });
}
