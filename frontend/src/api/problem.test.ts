import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { hintHeader, type ProblemKind, toProblem } from "@/api/problem";

// The kinds of the Go package fault, as they cross the wire.
const faults: [Code, ProblemKind][] = [
  [Code.InvalidArgument, "invalid"],
  [Code.NotFound, "notFound"],
  [Code.FailedPrecondition, "conflict"],
  [Code.Aborted, "conflict"],
  [Code.PermissionDenied, "denied"],
  [Code.Unauthenticated, "denied"],
  [Code.Unavailable, "offline"],
  [Code.ResourceExhausted, "exhausted"],
  [Code.Internal, "internal"],
  [Code.Canceled, "canceled"],
];

describe("toProblem", () => {
  it.each(faults)("code %i is %s", (code, kind) => {
    expect(toProblem(new ConnectError("What happened.", code))).toEqual({
      kind,
      message: "What happened.",
      hint: "",
    });
  });

  it("gives every code a kind", () => {
    for (const code of Object.values(Code)) {
      if (typeof code === "number") expect(toProblem(new ConnectError("", code)).kind).toBeTruthy();
    }
  });

  it("decodes a hint in any script, and keeps one that is not encoded", () => {
    const withHint = (hint: string) =>
      toProblem(new ConnectError("", Code.Internal, { [hintHeader]: hint })).hint;
    expect(withHint(encodeURIComponent("Запустите Docker."))).toBe("Запустите Docker.");
    expect(withHint("100 % sure")).toBe("100 % sure");
  });

  it("treats anything else that was thrown as our own mistake", () => {
    expect(toProblem(new Error("bug")).kind).toBe("internal");
    expect(toProblem("bug").kind).toBe("internal");
  });
});
