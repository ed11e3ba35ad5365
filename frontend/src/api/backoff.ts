/** How long to wait between attempts to reach a server. */
export interface Backoff {
  /** Milliseconds before the next attempt, after that many failures in a row. */
  delay(failures: number): number;
  /** Resolves after that many milliseconds, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const firstMs = 250;
const longestMs = 8_000;

/** Doubles from 0.25 s to 8 s; the random half keeps many tabs from knocking at the same moment. */
export const defaultBackoff: Backoff = {
  delay(failures) {
    const full = Math.min(longestMs, firstMs * 2 ** (failures - 1));
    return full / 2 + Math.random() * (full / 2);
  },
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  },
};
