import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import type { EventHub } from "@/api/event-hub";
import type { TaskEvent } from "@/gen/carrel/ide/v1/event_service_pb";

interface Board {
  /** Newest news of each task, by task id. */
  tasks: ReadonlyMap<string, TaskEvent>;
  /** The task a call said it would use for a subject, until its first event names the subject itself. */
  expected: ReadonlyMap<string, string>;
}

/** Long work the server reports on. Ended tasks stay until the page is left. */
export class TaskBoard {
  private board: Board = { tasks: new Map(), expected: new Map() };
  private readonly listeners = new Set<() => void>();

  /** Follows the hub until the returned function is called. */
  follow(hub: EventHub): () => void {
    return hub.subscribe("task", (task) => {
      this.publish({ ...this.board, tasks: new Map(this.board.tasks).set(task.taskId, task) });
    });
  }

  /** Remembers which task works for the subject. */
  expect(subject: string, taskId: string): void {
    this.publish({ ...this.board, expected: new Map(this.board.expected).set(subject, taskId) });
  }

  /** For useSyncExternalStore. */
  readonly watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly snapshot = (): Board => this.board;

  private publish(board: Board): void {
    this.board = board;
    for (const listener of [...this.listeners]) listener();
  }
}

export const TaskBoardContext = createContext<TaskBoard | null>(null);

function useTaskBoard(): TaskBoard {
  const board = useContext(TaskBoardContext);
  if (!board) throw new Error("no TaskBoardContext above this component");
  return board;
}

/** Newest news of all long work, by task id. */
export function useTasks(): ReadonlyMap<string, TaskEvent> {
  const board = useTaskBoard();
  return useSyncExternalStore(board.watch, board.snapshot).tasks;
}

/** Newest news of one piece of long work; undefined before its first event or without an id. */
export function useTask(taskId: string | undefined): TaskEvent | undefined {
  const tasks = useTasks();
  return taskId === undefined ? undefined : tasks.get(taskId);
}

/** The latest work on a subject, such as a course's id, and the way to say which task will do it. */
export function useTaskAbout(
  subject: string,
): [task: TaskEvent | undefined, expect: (taskId: string) => void] {
  const board = useTaskBoard();
  const { tasks, expected } = useSyncExternalStore(board.watch, board.snapshot);
  const taskId = expected.get(subject);
  const task =
    taskId === undefined
      ? [...tasks.values()].findLast((each) => each.subject === subject)
      : tasks.get(taskId);
  return [task, useCallback((id) => board.expect(subject, id), [board, subject])];
}
