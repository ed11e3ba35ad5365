import { createContext, useContext, useSyncExternalStore } from "react";
import type { EventHub } from "@/api/event-hub";
import type { TaskEvent } from "@/gen/carrel/ide/v1/event_service_pb";

/** Long work the server reports on, by task id. Ended tasks stay until the page is left. */
export class TaskBoard {
  private tasks: ReadonlyMap<string, TaskEvent> = new Map();
  private readonly listeners = new Set<() => void>();

  /** Follows the hub until the returned function is called. */
  follow(hub: EventHub): () => void {
    return hub.subscribe("task", (task) => {
      this.tasks = new Map(this.tasks).set(task.taskId, task);
      for (const listener of [...this.listeners]) listener();
    });
  }

  /** For useSyncExternalStore. */
  readonly watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly snapshot = (): ReadonlyMap<string, TaskEvent> => this.tasks;
}

export const TaskBoardContext = createContext<TaskBoard | null>(null);

/** Newest news of all long work, by task id. */
export function useTasks(): ReadonlyMap<string, TaskEvent> {
  const board = useContext(TaskBoardContext);
  if (!board) throw new Error("no TaskBoardContext above this component");
  return useSyncExternalStore(board.watch, board.snapshot);
}

/** Newest news of one piece of long work; undefined before its first event or without an id. */
export function useTask(taskId: string | undefined): TaskEvent | undefined {
  const tasks = useTasks();
  return taskId === undefined ? undefined : tasks.get(taskId);
}
