import { Code, ConnectError } from "@connectrpc/connect";
import { QueryClient } from "@tanstack/react-query";

/** Only silence of the local server is worth asking again; every other answer is an answer. */
function isWorthRetrying(error: unknown): boolean {
  return ConnectError.from(error).cause instanceof TypeError;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events tell when something changed, so cached answers stay good until then.
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        // The server is on this computer: the browser's idea of "offline" must never pause a call to it.
        networkMode: "always",
        retry: (failures, error) => failures < 2 && isWorthRetrying(error),
        retryDelay: (failures) => 300 * 2 ** failures,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** True when a call was stopped on purpose, which nobody needs to be told about. */
export function isCanceled(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Canceled;
}
