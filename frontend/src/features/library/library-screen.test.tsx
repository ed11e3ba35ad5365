import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { CourseState, ListCoursesResponseSchema } from "@/gen/carrel/ide/v1/library_service_pb";
import { SyncState, SyncStatusSchema } from "@/gen/carrel/ide/v1/sync_service_pb";
import { FakeServer } from "@/testing/fake-server";
import { fill, renderApp } from "@/testing/render-app";

const book = async (title: string) => {
  const heading = await screen.findByRole("heading", { name: title });
  const item = heading.closest("li");
  if (!item) throw new Error(`${title} is not in the list`);
  return within(item);
};

const signedIn = (state: SyncState) =>
  create(SyncStatusSchema, {
    state,
    waiting: 2,
    accountName: "Anna Smirnova",
    serverUrl: "https://cloud.example",
  });

describe("the library", () => {
  it("offers the lesson to continue with, in words", async () => {
    renderApp();
    const card = within(await screen.findByRole("region", { name: "Word frequencies" }));
    card.getByText("Python: from script to service, lesson 7 of 12");
    card.getByText("2 of 7 checks failed");
    card.getByText("24 min so far");
    const current = card.getByRole("link", { current: "step" });
    expect(current.textContent).toContain("Word frequencies");
  });

  it("opens the lesson to continue with", async () => {
    const { user } = renderApp();
    await user.click(await screen.findByRole("button", { name: "Continue" }));
    expect(window.location.hash).toBe("#/course/python-service/lesson-7");
  });

  it("shows of each course where it is and how far", async () => {
    renderApp();
    const python = await book("Python: from script to service");
    python.getByText("6 of 12");
    python.getByText("Ready offline");
    python.getByText("312 MB");
    (await book("SQL for people who count things")).getByText("Needs download");
    (await book("The command line, properly")).getByText("Finished and verified");
    (await book("My draft course")).getByText(/two lessons have the slug/);
  });

  it("names the title link after the next lesson's course and leads there", async () => {
    renderApp();
    const link = (await book("SQL for people who count things")).getByRole("link");
    expect(link.getAttribute("href")).toBe("#/course/sql-counting/lesson-5");
  });

  it("lists all lessons of a course behind one button", async () => {
    const { user } = renderApp();
    const python = await book("Python: from script to service");
    await user.click(python.getByRole("button", { name: /^Lessons of/ }));
    await user.click(await screen.findByRole("menuitem", { name: /3\. Lists/ }));
    expect(window.location.hash).toBe("#/course/python-service/lesson-3");
  });

  it("downloads a course and shows how far it is", async () => {
    const { server, user } = renderApp();
    const http = await book("HTTP from the wire up");
    http.getByText("Needs 180 MB");
    await user.click(http.getByRole("button", { name: /^Download/ }));
    server.emit({
      case: "task",
      value: { taskId: "install-http-wire", subject: "http-wire", fraction: 0.64 },
    });
    await http.findByText("Downloading 64 %");

    const card = server.library.courses.find(({ course }) => course?.id === "http-wire");
    if (card) card.state = CourseState.INSTALLED;
    server.emit({
      case: "task",
      value: { taskId: "install-http-wire", subject: "http-wire", fraction: 1, ended: true },
    });
    await http.findByText("Needs download");
  });

  it("says why a download failed and lets people try again", async () => {
    const { server } = renderApp();
    const http = await book("HTTP from the wire up");
    server.emit({
      case: "task",
      value: { taskId: "install-http-wire", subject: "http-wire", fraction: 0.2 },
    });
    await http.findByText("Downloading 20 %");
    server.emit({
      case: "task",
      value: { taskId: "install-http-wire", subject: "http-wire", ended: true, message: "The disk is full." },
    });
    await http.findByText("The disk is full.");
    http.getByRole("button", { name: /^Download/ });
  });

  it("offers a download for later while offline", async () => {
    const server = new FakeServer();
    server.status = signedIn(SyncState.OFFLINE);
    renderApp(server);
    const http = await book("HTTP from the wire up");
    const button = await http.findByText("When online");
    expect(button.closest("button")?.disabled).toBe(true);
  });

  it("shows what waits for the cloud", async () => {
    const server = new FakeServer();
    server.status = signedIn(SyncState.OFFLINE);
    renderApp(server);
    const waiting = within(await screen.findByRole("region", { name: /Waiting to sync/ }));
    waiting.getByText("Grouping with setdefault");
    waiting.getByText(/^4 attempts/);
  });

  it("is refreshed when progress changes", async () => {
    const { server } = renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    server.library.continueLessonSlug = "lesson-8";
    server.emit({ case: "progressChanged", value: {} });
    await screen.findByRole("heading", { name: "Modules" });
  });

  it("says what to do when it is empty", async () => {
    const server = new FakeServer();
    server.library = create(ListCoursesResponseSchema);
    const { user } = renderApp(server);
    await screen.findByRole("heading", { name: "No courses here yet" });
    await user.click(within(screen.getByRole("main")).getByRole("button", { name: "Open a course" }));
    await screen.findByRole("dialog", { name: "Open a course" });
  });

  it("says what it is waiting for", async () => {
    const server = new FakeServer();
    server.isSlow = true;
    renderApp(server);
    await screen.findByText("Reading the courses on this computer.");
  });

  it("shows the server's sentence and hint, and tries again on request", async () => {
    const server = new FakeServer();
    server.failure = new ConnectError("The list of courses cannot be read.", Code.Internal, {
      "carrel-hint": encodeURIComponent("Look at the disk."),
    });
    const { user } = renderApp(server);
    await screen.findByRole("heading", { name: "The list of courses cannot be read." });
    screen.getByText("Look at the disk.");
    server.failure = undefined;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await screen.findByRole("heading", { name: "Word frequencies" });
  });
});

describe("opening a course folder", () => {
  it("adds a folder by its path", async () => {
    const { user } = renderApp();
    await user.click(await screen.findByRole("button", { name: "Open folder" }));
    const dialog = within(await screen.findByRole("dialog"));
    await fill(user, dialog.getByLabelText("Path of the folder"), "/home/anna/course");
    await user.click(dialog.getByRole("button", { name: "Open folder" }));
    await screen.findByRole("heading", { name: "Added" });
    screen.getByText("“Added” is in your library");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("keeps the path when it is refused, and says why", async () => {
    const { user } = renderApp();
    await user.click(await screen.findByRole("button", { name: "Open folder" }));
    const dialog = within(await screen.findByRole("dialog"));
    await fill(user, dialog.getByLabelText("Path of the folder"), "nowhere");
    await user.keyboard("{Enter}");
    await dialog.findByText("There is no course in this folder. Choose the folder that holds course.yaml.");
    expect(dialog.getByLabelText<HTMLInputElement>("Path of the folder").value).toBe("nowhere");
  });

  it("asks the system in the window", async () => {
    const ChooseFolder = vi.fn().mockResolvedValue("/home/anna/course");
    vi.stubGlobal("go", { app: { Chrome: { ChooseFolder } } });
    const { user } = renderApp();
    await user.click(await screen.findByRole("button", { name: "Open folder" }));
    await waitFor(() => expect(ChooseFolder).toHaveBeenCalledWith("Open a course"));
    await screen.findByRole("heading", { name: "Added" });
    vi.unstubAllGlobals();
  });
});
