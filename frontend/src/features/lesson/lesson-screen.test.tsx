import { Code, ConnectError } from "@connectrpc/connect";
import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { FakeServer } from "@/testing/fake-server";
import { renderApp } from "@/testing/render-app";
import "./testing/jsdom-layout";
import { checkEvent, report, Verdict } from "./testing/reports";
import { COURSE_ID, failingTests, LESSON_ID, passingTests, SLUG } from "./testing/sample-lesson";
import { SampleServer } from "./testing/sample-server";

// A whole app with an editor in jsdom: roles are slow to compute there.
vi.setConfig({ testTimeout: 30_000 });

async function openLesson(prepare: (sample: SampleServer) => void = () => {}) {
  const sample = new SampleServer();
  prepare(sample);
  window.location.hash = `#/course/${COURSE_ID}/${SLUG}`;
  const app = renderApp(new FakeServer(), sample.serve);
  await screen.findByRole("heading", { name: "Word frequencies" }, { timeout: 10_000 });
  const emit = (step: Parameters<typeof checkEvent>[1], checkId = "check-1") =>
    app.server.emit({ case: "check", value: checkEvent(checkId, step, LESSON_ID) });
  return { ...app, sample, emit };
}

const checksPane = () => within(screen.getByRole("region", { name: "Checks" }));

describe("opening a lesson", () => {
  it("shows the last attempt and ticks the criteria from it", async () => {
    await openLesson();
    await checksPane().findByRole("heading", { name: "2 of 7 checks failed" });
    expect(checksPane().getByText(/Attempt 4/)).toBeTruthy();
    const done = screen.getByText("Upper and lower case are the same word.").closest("li");
    expect(done?.textContent).toContain("Done:");
    const open = screen.getByText("Words with equal counts go in alphabetical order.").closest("li");
    expect(open?.textContent).toContain("Not yet:");
  });

  it("shows the first failure with expected and actual beside each other", async () => {
    await openLesson();
    const expected = await checksPane().findByRole("region", { name: "Expected" });
    expect(expected.textContent).toContain('("dog", 2)');
    expect(checksPane().getByRole("region", { name: "Your result" }).textContent).toContain('("cat", 1)');
    expect(checksPane().getByRole("button", { name: "wordfreq.py:22" })).toBeTruthy();
  });

  it("says what to do next in words", async () => {
    await openLesson();
    await screen.findByText("Next: Equal counts go in alphabetical order");
  });

  it("shows a sentence when the lesson cannot be opened", async () => {
    const sample = new SampleServer();
    sample.lessonFailure = new ConnectError("This course is not readable.", Code.Internal);
    window.location.hash = `#/course/${COURSE_ID}/${SLUG}`;
    renderApp(new FakeServer(), sample.serve);
    await screen.findByText("This course is not readable.");
  });
});

describe("a check", () => {
  it("shows rows as they arrive and announces the result once", async () => {
    const { user, emit, sample } = await openLesson();
    await checksPane().findByRole("heading", { name: "2 of 7 checks failed" });
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(sample.checked).toHaveLength(1));
    const [first, second] = failingTests();
    emit({ case: "running", value: 7 });
    if (first) emit({ case: "test", value: first });
    const stop = await screen.findByRole("button", { name: "Stop the check" });
    await waitFor(() => expect(stop.textContent).toContain("Checking 2 of 7"));
    if (second) emit({ case: "test", value: second });
    emit({ case: "report", value: report(Verdict.FAILED, failingTests()) });
    await waitFor(() => {
      const spoken = screen.getAllByRole("status").map((status) => status.textContent);
      expect(spoken).toContain("2 of 7 checks failed");
    });
  });

  it("is stopped with Esc", async () => {
    const { user, sample, emit } = await openLesson();
    await user.click(within(screen.getByRole("banner")).getByRole("button", { name: "Check" }));
    await waitFor(() => expect(sample.checked).toHaveLength(1));
    emit({ case: "running", value: 7 });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(sample.stopped).toEqual(["check-1"]));
    emit({ case: "stopped", value: true });
    await checksPane().findByRole("heading", { name: "Stopped" });
  });

  it("that passes sets the stamp and offers the next lesson", async () => {
    const { user, sample, emit } = await openLesson();
    await user.click(within(screen.getByRole("banner")).getByRole("button", { name: "Check" }));
    await waitFor(() => expect(sample.checked).toHaveLength(1));
    emit({ case: "report", value: report(Verdict.PASSED, passingTests()) });
    const result = within(await screen.findByRole("tabpanel", { name: "Result" }));
    expect(result.getByRole("heading", { name: "All 7 checks passed" })).toBeTruthy();
    expect(result.getByText("Local")).toBeTruthy();
    expect(result.getByRole("button", { name: /Continue/ })).toBeTruthy();
  });

  it("that cannot start without Docker stays calm and says what to do", async () => {
    const { user } = await openLesson((sample) => {
      sample.refusal = new ConnectError("Docker is not running.", Code.Unavailable, {
        "carrel-hint": encodeURIComponent("Start Docker."),
      });
    });
    await user.click(within(screen.getByRole("banner")).getByRole("button", { name: "Check" }));
    await checksPane().findByText("Docker is not running.");
    expect(checksPane().getByText("Start Docker.")).toBeTruthy();
  });

  it("that the machinery spoiled is not called a failure", async () => {
    const { user, sample, emit } = await openLesson();
    await user.click(within(screen.getByRole("banner")).getByRole("button", { name: "Check" }));
    await waitFor(() => expect(sample.checked).toHaveLength(1));
    emit({ case: "report", value: report(Verdict.INFRASTRUCTURE) });
    await checksPane().findByRole("heading", { name: "The check could not be made" });
    expect(checksPane().getByText(/not because of your code/)).toBeTruthy();
  });
});

describe("moving between failures", () => {
  it("goes around with F8 and Shift F8", async () => {
    await openLesson();
    // user-event knows no function keys.
    const press = (shiftKey: boolean) =>
      fireEvent.keyDown(document.body, { code: "F8", key: "F8", shiftKey });
    const title = (name: string) => checksPane().findByRole("heading", { name, level: 3 });
    await title("Equal counts go in alphabetical order");
    press(false);
    await title("Keeps words with an apostrophe whole");
    press(true);
    await title("Equal counts go in alphabetical order");
  });
});

describe("hints and quiz", () => {
  it("opens one hint at a time", async () => {
    const { user } = await openLesson();
    await user.click(screen.getByRole("tab", { name: /Hints/ }));
    await user.click(screen.getByRole("button", { name: "Open hint 1" }));
    await screen.findByText("Hint text 1");
    expect(screen.queryByText("Hint text 2")).toBeNull();
    expect(screen.getByRole("button", { name: "Open hint 2" })).toBeTruthy();
  });

  it("explains answers, and takes the explanation back when the answer changes", async () => {
    const { user } = await openLesson();
    await user.click(screen.getByRole("tab", { name: "Quiz" }));
    const answer = screen.getByRole("button", { name: "Check the answers" });
    expect(answer.hasAttribute("disabled")).toBe(true);
    await user.click(screen.getByRole("radio", { name: "0" }));
    await user.click(answer);
    await screen.findByText("1 of 2 right");
    await user.click(screen.getByRole("button", { name: "Move up: split" }));
    expect(screen.queryByText("1 of 2 right")).toBeNull();
    await user.click(answer);
    await screen.findByText("2 of 2 right");
  });
});

describe("attempts", () => {
  it("are listed with what the cloud says", async () => {
    const { user } = await openLesson();
    await user.keyboard("{Control>}{Shift>}h{/Shift}{/Control}");
    const list = within(await screen.findByRole("dialog", { name: "Attempts" }));
    expect(list.getByText("Attempt 1")).toBeTruthy();
    expect(list.getByText("Verified")).toBeTruthy();
    expect(list.getByText(/The cloud got a different result/)).toBeTruthy();
    expect(list.getAllByText("Waiting to sync")).toHaveLength(2);
  });
});
