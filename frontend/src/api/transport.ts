import type { Interceptor, Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

export const tokenHeader = "X-Carrel-Token";

export interface TransportOptions {
  /** Loopback token; "" when the origin needs none. */
  token: string;
  /** The language people-facing sentences should come in. */
  locale: () => string;
  /** Replaces the browser's fetch in tests. */
  fetch?: typeof globalThis.fetch;
}

/**
 * The one transport of the frontend. It calls our own origin only: on the desktop Go forwards to the cloud, so
 * no cloud token ever reaches JavaScript.
 */
export function createTransport(options: TransportOptions): Transport {
  const identify: Interceptor = (next) => (request) => {
    if (options.token !== "") request.header.set(tokenHeader, options.token);
    request.header.set("Accept-Language", options.locale());
    return next(request);
  };
  return createConnectTransport({
    baseUrl: new URL("rpc", `${window.location.origin}/`).toString(),
    useBinaryFormat: true,
    // GET would put requests into URLs, and webviews drop query strings of custom schemes.
    useHttpGet: false,
    interceptors: [identify],
    ...(options.fetch ? { fetch: options.fetch } : {}),
  });
}
