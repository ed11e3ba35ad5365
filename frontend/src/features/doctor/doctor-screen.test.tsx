import { Code, ConnectError } from "@connectrpc/connect";
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeServer } from "@/testing/fake-server";
import { renderApp } from "@/testing/render-app";

describe("the doctor", () => {
  it("says that everything is there", async () => {
    const { user } = renderApp();
    await user.click(await screen.findByRole("link", { name: "This computer" }));
    await screen.findByText("Everything Carrel needs is here.");
    screen.getByText("Docker 27.1 is running.");
    expect(document.title).toBe("This computer · Carrel");
  });

  it("says what is missing and what to do, and looks again on request", async () => {
    const server = new FakeServer();
    server.findings = [
      { subject: "Docker", ok: false, message: "Docker is not running.", hint: "Start Docker." },
    ];
    const { user } = renderApp(server);
    await user.click(await screen.findByRole("link", { name: "This computer" }));
    await screen.findByText("1 thing needs you.");
    screen.getByText("Start Docker.");
    server.findings = [{ subject: "Docker", ok: true, message: "Docker is running." }];
    await user.click(screen.getByRole("button", { name: "Check again" }));
    await screen.findByText("Everything Carrel needs is here.");
  });

  it("shows why it could not look", async () => {
    const server = new FakeServer();
    window.location.hash = "#/doctor";
    server.failure = new ConnectError("The check could not start.", Code.Internal);
    renderApp(server);
    await screen.findByRole("heading", { name: "The check could not start." });
  });
});
