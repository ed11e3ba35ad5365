import { Code, ConnectError } from "@connectrpc/connect";
import { sentence } from "@/i18n/sentences";

/** Where our server puts the "what to do" sentence; percent-encoded UTF-8, because headers are ASCII. */
export const hintHeader = "carrel-hint";

/**
 * What kind of trouble it is. `offline` and `unreachable` are states, not failures: the first means the cloud or
 * Docker is away, the second that Carrel's own local server does not answer.
 */
export type ProblemKind =
  | "invalid"
  | "notFound"
  | "conflict"
  | "denied"
  | "offline"
  | "exhausted"
  | "unreachable"
  | "canceled"
  | "internal";

/** A failure in words for a person. `message` may be empty; screens then show their own sentence. */
export interface Problem {
  kind: ProblemKind;
  message: string;
  hint: string;
}

const kinds: Record<Code, ProblemKind> = {
  [Code.Canceled]: "canceled",
  [Code.Unknown]: "internal",
  [Code.InvalidArgument]: "invalid",
  [Code.DeadlineExceeded]: "offline",
  [Code.NotFound]: "notFound",
  [Code.AlreadyExists]: "conflict",
  [Code.PermissionDenied]: "denied",
  [Code.ResourceExhausted]: "exhausted",
  [Code.FailedPrecondition]: "conflict",
  [Code.Aborted]: "conflict",
  [Code.OutOfRange]: "invalid",
  [Code.Unimplemented]: "internal",
  [Code.Internal]: "internal",
  [Code.Unavailable]: "offline",
  [Code.DataLoss]: "internal",
  [Code.Unauthenticated]: "denied",
};

/** Turns anything thrown by a call into words of the language on screen. Matches codes, never texts. */
export function toProblem(error: unknown): Problem {
  const connectError = ConnectError.from(error);
  // fetch rejects with a TypeError when nothing answers at all; Connect keeps it as the cause.
  if (connectError.cause instanceof TypeError) return { kind: "unreachable", message: "", hint: "" };
  return {
    kind: kinds[connectError.code],
    message: sentence(connectError.rawMessage),
    hint: sentence(decodeHint(connectError.metadata.get(hintHeader) ?? "")),
  };
}

function decodeHint(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
