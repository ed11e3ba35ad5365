import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderApp } from "@/testing/render-app";

async function openSettings() {
  const { server, user } = renderApp();
  await screen.findByRole("heading", { name: "Word frequencies" });
  fireEvent.keyDown(document.body, { code: "Comma", ctrlKey: true });
  return { server, user, dialog: within(await screen.findByRole("dialog", { name: "Settings" })) };
}

describe("settings", () => {
  it("take effect at once and are kept", async () => {
    const { server, user, dialog } = await openSettings();
    await user.click(dialog.getByRole("radio", { name: "Dark" }));
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
    await user.click(dialog.getByRole("radio", { name: "Cloud" }));
    await waitFor(() => expect(server.settings).toMatchObject({ theme: "dark", runner: "cloud" }));
  });

  it("change the language of the page", async () => {
    const { server, user, dialog } = await openSettings();
    await user.click(dialog.getByRole("button", { name: /Language/ }));
    await user.click(await screen.findByRole("option", { name: "Русский" }));
    await screen.findByRole("dialog", { name: "Настройки" });
    expect(document.documentElement.lang).toBe("ru");
    expect(server.settings.locale).toBe("ru");
  });

  it("change the size of code", async () => {
    const { server, user, dialog } = await openSettings();
    await user.click(dialog.getByRole("button", { name: /Code size/ }));
    await user.click(await screen.findByRole("option", { name: "18 px" }));
    await waitFor(() => expect(document.documentElement.style.getPropertyValue("--text-code")).toBe("18px"));
    expect(server.settings.codeSize).toBe(18);
  });

  it("name the version", async () => {
    const { dialog } = await openSettings();
    dialog.getByText("Carrel 1.0.0");
  });
});
