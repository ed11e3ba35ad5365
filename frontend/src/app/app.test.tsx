import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { App } from "@/app/app";
import { createServices } from "@/app/services";
import { FakeServer } from "@/testing/fake-server";
import { renderApp } from "@/testing/render-app";

describe("the shell", () => {
  it("starts in the library and names the window", async () => {
    renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    expect(document.title).toBe("Library · Carrel");
    expect(screen.getByRole("link", { name: "Library" }).getAttribute("aria-current")).toBe("page");
  });

  it("leads home from an address it does not know", async () => {
    window.location.hash = "#/nowhere";
    renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    expect(window.location.hash).toBe("#/");
  });

  it("speaks the language of the settings", async () => {
    const server = new FakeServer();
    server.settings.locale = "ru";
    renderApp(server);
    await screen.findByRole("heading", { name: "Частоты слов" });
    screen.getByText("Не прошли 2 проверки из 7");
    expect(document.documentElement.lang).toBe("ru");
  });

  it("reads everything again when events were missed", async () => {
    const { server } = renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    server.library.continueLessonSlug = "lesson-8";
    server.loseEvents();
    await screen.findByRole("heading", { name: "Modules" });
  });

  it("says calmly that Carrel does not answer", async () => {
    const transport = createRouterTransport(() => {}, {
      transport: {
        interceptors: [
          () => async () => {
            throw new ConnectError(
              "gone",
              Code.Internal,
              undefined,
              undefined,
              new TypeError("Failed to fetch"),
            );
          },
        ],
      },
    });
    render(<App services={createServices(transport)} />);
    await screen.findByText("Carrel is not answering, trying again");
    await screen.findByRole("heading", { name: "Carrel is not answering" }, { timeout: 5_000 });
  });

  it("opens links to elsewhere outside the window", async () => {
    const BrowserOpenURL = vi.fn();
    vi.stubGlobal("runtime", { BrowserOpenURL });
    renderApp();
    await screen.findByRole("heading", { name: "Word frequencies" });
    const link = document.createElement("a");
    link.href = "https://docs.example/page";
    document.body.append(link);
    expect(fireEvent.click(link)).toBe(false);
    expect(BrowserOpenURL).toHaveBeenCalledWith("https://docs.example/page");
    link.remove();
    vi.unstubAllGlobals();
  });

  it("polls with one loop, and stops it when it leaves", async () => {
    const { server, view } = renderApp();
    await waitFor(() => expect(server.openPolls).toBe(1));
    view.unmount();
    await waitFor(() => expect(server.openPolls).toBe(0));
  });
});
