import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderApp } from "@/testing/render-app";

async function openPalette() {
  const { user } = renderApp();
  await screen.findByRole("heading", { name: "Word frequencies" });
  await user.click(screen.getByRole("button", { name: /Find a course/ }));
  const palette = within(await screen.findByRole("dialog", { name: "Search and commands" }));
  return { user, palette };
}

describe("the palette", () => {
  it("opens a lesson by its words", async () => {
    const { user, palette } = await openPalette();
    await user.keyboard("setdef");
    palette.getByText("1 result");
    palette.getByText("Python: from script to service, lesson 6");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(window.location.hash).toBe("#/course/python-service/lesson-6"));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("runs a command with the arrows", async () => {
    const { user, palette } = await openPalette();
    await user.keyboard("theme");
    expect(palette.getAllByRole("option")).toHaveLength(4);
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
  });

  it("shows a command's keys", async () => {
    const { user, palette } = await openPalette();
    await user.keyboard("settings");
    within(palette.getByRole("option")).getByText("Ctrl");
  });

  it("says so when nothing is found, and closes with Esc", async () => {
    const { user, palette } = await openPalette();
    await user.keyboard("zzzz");
    palette.getByText(/^Nothing has these words/);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("opens by its keys on any layout, and closes by them again", async () => {
    const { user } = renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    await user.keyboard("{Control>}[KeyK]{/Control}");
    await screen.findByRole("dialog", { name: "Search and commands" });
    await user.keyboard("{Control>}[KeyK]{/Control}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});
