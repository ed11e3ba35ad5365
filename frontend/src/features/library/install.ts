import { useMutation } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { invalidate, useEvent } from "@/api/events";
import { toProblem } from "@/api/problem";
import { useTasks } from "@/api/tasks";
import type { TaskEvent } from "@/gen/carrel/ide/v1/event_service_pb";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";

/** Which task downloads which course; kept outside the screen, so that leaving the library loses nothing. */
const useInstalls = create<{
  taskOf: Record<string, string>;
  begin: (courseId: string, taskId: string) => void;
}>((set) => ({
  taskOf: {},
  begin: (courseId, taskId) => set((state) => ({ taskOf: { ...state.taskOf, [courseId]: taskId } })),
}));

export interface Install {
  start: () => void;
  /** Newest news of the download, when there is one. */
  task: TaskEvent | undefined;
  /** One sentence when the last try failed; empty otherwise. */
  failure: string;
  isStarting: boolean;
}

/** Downloading one course. A download begun before a reload is found again by its subject, the course's id. */
export function useInstall(courseId: string): Install {
  const queries = useQueryClient();
  const tasks = useTasks();
  const taskId = useInstalls((state) => state.taskOf[courseId]);
  const begin = useInstalls((state) => state.begin);
  const install = useMutation(LibraryService.method.installCourse, {
    onSuccess(response) {
      begin(courseId, response.taskId);
      invalidate(queries, LibraryService.method.listCourses);
    },
  });
  const task =
    taskId === undefined
      ? [...tasks.values()].find((each) => each.subject === courseId && !each.ended)
      : tasks.get(taskId);
  const problem = install.error && toProblem(install.error);
  return {
    start: () => install.mutate({ courseId }),
    task,
    failure: problem ? problem.message : task?.ended ? task.message : "",
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
