import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it, vi } from "vitest";
import { EventHub, maxWaitMs } from "@/api/event-hub";
import {
  EventSchema,
  EventService,
  type PullRequest,
  type PullResponseSchema,
} from "@/gen/carrel/ide/v1/event_service_pb";

type Answer = MessageInitShape<typeof PullResponseSchema> | ConnectError;

/** A server that gives the answers in turn and then keeps polls open, and a hub that follows it. */
function scene(answers: Answer[]) {
  const requests: PullRequest[] = [];
  const sleeps: number[] = [];
  const onGap = vi.fn();
  const stop = new AbortController();
  let isIdle = () => {};
  const idle = new Promise<void>((resolve) => {
    isIdle = resolve;
  });
  const transport = createRouterTransport(({ service }) => {
    service(EventService, {
      async pull(request, context) {
        requests.push(request);
        const answer = answers.shift();
        if (answer instanceof ConnectError) throw answer;
        if (answer) return answer;
        isIdle();
        return new Promise((_, reject) =>
          context.signal.addEventListener("abort", () => reject(context.signal.reason)),
        );
      },
    });
  });
  const hub = new EventHub({
    client: createClient(EventService, transport),
    onGap,
    backoff: {
      delay: (failures) => failures,
      sleep: async (ms) => {
        sleeps.push(ms);
      },
    },
  });
  return {
    hub,
    requests,
    sleeps,
    onGap,
    /** Runs until the server has no more answers, then stops the hub and waits for it. */
    async play() {
      const running = hub.run(stop.signal);
      await idle;
      stop.abort();
      await running;
    },
  };
}

const progress = (number: bigint, ...lessonIds: string[]) =>
  create(EventSchema, { number, kind: { case: "progressChanged", value: { lessonIds } } });
const sync = (number: bigint) =>
  create(EventSchema, { number, kind: { case: "sync", value: { waiting: 3 } } });

describe("EventHub", () => {
  it("hands events to the subscribers of their kind, in order", async () => {
    const { hub, play } = scene([
      { events: [progress(1n, "a"), sync(2n)], cursor: 2n },
      { events: [progress(3n, "b")], cursor: 3n },
    ]);
    const lessons: string[] = [];
    const waiting: number[] = [];
    hub.subscribe("progressChanged", ({ lessonIds }) => lessons.push(...lessonIds));
    hub.subscribe("sync", (status) => waiting.push(status.waiting));
    await play();
    expect(lessons).toEqual(["a", "b"]);
    expect(waiting).toEqual([3]);
  });

  it("resumes from the last cursor, and waits for news only once it is connected", async () => {
    const { requests, play } = scene([{ events: [progress(41n)], cursor: 41n }]);
    await play();
    expect(requests.map(({ cursor, maxWaitMs }) => [cursor, maxWaitMs])).toEqual([
      [0n, 0],
      [41n, maxWaitMs],
    ]);
  });

  it("does not call a subscriber that has left", async () => {
    const { hub, play } = scene([{ events: [progress(1n)], cursor: 1n }]);
    const handler = vi.fn();
    hub.subscribe("progressChanged", handler)();
    await play();
    expect(handler).not.toHaveBeenCalled();
  });

  it("waits longer after each failure, says so, and goes on where it was", async () => {
    const down = () => new ConnectError("down", Code.Unavailable);
    const { hub, requests, sleeps, play } = scene([
      { events: [progress(7n)], cursor: 7n },
      down(),
      down(),
      { events: [], cursor: 7n },
      down(),
      { events: [], cursor: 7n },
    ]);
    const seen: string[] = [hub.connectionState()];
    hub.watchConnection(() => seen.push(hub.connectionState()));
    await play();
    expect(sleeps).toEqual([1, 2, 1]);
    expect(seen).toEqual(["connecting", "connected", "unreachable", "connected", "unreachable", "connected"]);
    expect(requests.slice(1).every(({ cursor }) => cursor === 7n)).toBe(true);
  });

  it("asks for everything anew when events were missed, but not on its very first poll", async () => {
    const first = scene([{ events: [progress(90n)], cursor: 90n, gap: true }]);
    await first.play();
    expect(first.onGap).not.toHaveBeenCalled();

    const later = scene([
      { events: [progress(5n)], cursor: 5n },
      { events: [progress(90n)], cursor: 90n, gap: true },
    ]);
    await later.play();
    expect(later.onGap).toHaveBeenCalledTimes(1);
  });

  it("takes the cursor of a restarted server, even when it is smaller", async () => {
    const { requests, play } = scene([
      { events: [progress(90n)], cursor: 90n },
      { events: [progress(2n)], cursor: 2n, gap: true },
    ]);
    await play();
    expect(requests.at(-1)?.cursor).toBe(2n);
  });

  it("reports a subscriber that throws, and still serves the others", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const { hub, sleeps, play } = scene([{ events: [progress(1n)], cursor: 1n }]);
    const handler = vi.fn();
    hub.subscribe("progressChanged", () => {
      throw new Error("a bug");
    });
    hub.subscribe("progressChanged", handler);
    await play();
    vi.unstubAllGlobals();
    expect(report).toHaveBeenCalledTimes(1);
    expect(handler).toHaveBeenCalledTimes(1);
    expect(sleeps).toEqual([]);
  });

  it("ignores a kind of event it does not know", async () => {
    const { play, requests } = scene([{ events: [create(EventSchema, { number: 1n })], cursor: 1n }]);
    await play();
    expect(requests.at(-1)?.cursor).toBe(1n);
  });
});
