import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ToastList } from "@/ui/toast-list";
import { toast, toastMs, useToasts } from "@/ui/toast-store";

describe("ToastList", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useToasts.setState({ entries: [] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const show = (title: string, action?: { label: string; run: () => void }) =>
    act(() => toast({ title, action }));

  it("announces a message once and takes it away after its time", () => {
    render(<ToastList />);
    show("3 results synced");
    expect(screen.getByText("3 results synced").closest("[aria-live]")?.getAttribute("aria-live")).toBe(
      "polite",
    );
    act(() => vi.advanceTimersByTime(toastMs - 1));
    screen.getByText("3 results synced");
    act(() => vi.advanceTimersByTime(1));
    expect(screen.queryByText("3 results synced")).toBeNull();
  });

  it("keeps several in a list, oldest first", () => {
    render(<ToastList />);
    show("One");
    show("Two");
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["One", "Two"]);
  });

  it("waits while somebody is at it", () => {
    render(<ToastList />);
    show("Attempt 3 restored");
    const item = screen.getByRole("listitem");
    fireEvent.pointerEnter(item);
    act(() => vi.advanceTimersByTime(toastMs * 2));
    screen.getByText("Attempt 3 restored");
    fireEvent.pointerLeave(item);
    act(() => vi.advanceTimersByTime(toastMs));
    expect(screen.queryByRole("listitem")).toBeNull();
  });

  it("runs its action and leaves", () => {
    render(<ToastList />);
    const run = vi.fn();
    show("Attempt 3 restored", { label: "Undo", run });
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(run).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole("listitem")).toBeNull();
  });

  it("can be dismissed", () => {
    render(<ToastList />);
    show("One");
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("listitem")).toBeNull();
  });
});
