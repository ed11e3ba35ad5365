import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, it, vi } from "vitest";
import { ErrorBoundary } from "@/app/error-boundary";

function Bomb({ isLive }: { isLive: boolean }) {
  if (isLive) throw new Error("a bug");
  return <p>all well</p>;
}

describe("ErrorBoundary", () => {
  // React prints what a boundary caught; here it is caught on purpose.
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
  });

  const scene = (isLive: boolean, resetKey = "/a") => (
    <ErrorBoundary resetKey={resetKey}>
      <Bomb isLive={isLive} />
    </ErrorBoundary>
  );

  it("says what is safe, and tries again on request", async () => {
    const { rerender } = render(scene(true));
    screen.getByText(/Your files are safe/);
    rerender(scene(false));
    await userEvent.setup({ delay: null }).click(screen.getByRole("button", { name: "Try again" }));
    screen.getByText("all well");
  });

  it("leaves the trouble behind on another screen", () => {
    const { rerender } = render(scene(true));
    screen.getByRole("alert");
    rerender(scene(false, "/b"));
    screen.getByText("all well");
  });
});
