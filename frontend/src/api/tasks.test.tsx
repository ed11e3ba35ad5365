import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { EventHub, type EventKind } from "@/api/event-hub";
import { TaskBoard, TaskBoardContext, useTask } from "@/api/tasks";
import type { TaskEvent } from "@/gen/carrel/ide/v1/event_service_pb";

/** A hub whose events come from the test. */
class HandHub extends EventHub {
  private handler: ((value: never) => void) | undefined;
  constructor() {
    super({ client: { pull: () => new Promise(() => {}) }, onGap: () => {} });
  }
  override subscribe(_kind: EventKind, handler: (value: never) => void) {
    this.handler = handler;
    return () => {
      this.handler = undefined;
    };
  }
  tell(task: Partial<TaskEvent>) {
    act(() => this.handler?.(task as never));
  }
}

function scene() {
  const hub = new HandHub();
  const board = new TaskBoard();
  const leave = board.follow(hub);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TaskBoardContext value={board}>{children}</TaskBoardContext>
  );
  return { hub, leave, wrapper };
}

describe("the task board", () => {
  it("gives the newest news of a task", () => {
    const { hub, wrapper, leave } = scene();
    const { result } = renderHook(() => useTask("t1"), { wrapper });
    expect(result.current).toBeUndefined();
    hub.tell({ taskId: "t1", fraction: 0.2 });
    hub.tell({ taskId: "t2", fraction: 0.9 });
    expect(result.current?.fraction).toBe(0.2);
    hub.tell({ taskId: "t1", fraction: 0.4 });
    expect(result.current?.fraction).toBe(0.4);
    leave();
    hub.tell({ taskId: "t1", fraction: 1 });
    expect(result.current?.fraction).toBe(0.4);
  });
});
