import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultBackoff } from "@/api/backoff";

describe("defaultBackoff", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("grows to 8 seconds and always keeps a random half", () => {
    for (const random of [0, 0.5, 0.999]) {
      vi.spyOn(Math, "random").mockReturnValue(random);
      const delays = [1, 2, 3, 6, 7, 50].map(defaultBackoff.delay);
      const full = [250, 500, 1000, 8000, 8000, 8000];
      expect(delays).toEqual(full.map((ms) => ms / 2 + (random * ms) / 2));
    }
  });

  it("sleeps that long", async () => {
    const done = vi.fn();
    void defaultBackoff.sleep(500, new AbortController().signal).then(done);
    await vi.advanceTimersByTimeAsync(499);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalled();
  });

  it("wakes at once when it is stopped", async () => {
    const stop = new AbortController();
    const slept = defaultBackoff.sleep(60_000, stop.signal);
    stop.abort();
    await slept;
    await defaultBackoff.sleep(60_000, stop.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
