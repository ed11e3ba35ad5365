import { create } from "@bufbuild/protobuf";
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { SyncState, SyncStatusSchema } from "@/gen/carrel/ide/v1/sync_service_pb";
import { FakeServer } from "@/testing/fake-server";
import { fill, renderApp } from "@/testing/render-app";

async function openDialog(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(await screen.findByRole("button", { name: /Saved on this computer/ }));
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  return within(await screen.findByRole("dialog", { name: "Your account" }));
}

describe("signing in", () => {
  it("sends what was typed and shows who is in", async () => {
    const { server, user } = renderApp();
    const dialog = await openDialog(user);
    await fill(user, dialog.getByLabelText("Address of the service"), " https://cloud.example ");
    await fill(user, dialog.getByLabelText("E-mail"), "anna@school.example");
    await fill(user, dialog.getByLabelText("Password"), "long enough one");
    await user.keyboard("{Enter}");
    await screen.findByText("Signed in as Anna Smirnova");
    expect(screen.queryByRole("dialog")).toBeNull();
    screen.getByRole("button", { name: "Account of Anna Smirnova" });
    expect(server.signIns).toMatchObject([
      {
        serverUrl: "https://cloud.example",
        email: "anna@school.example",
        password: "long enough one",
        register: false,
      },
    ]);
  });

  it("makes an account with a name", async () => {
    const { server, user } = renderApp();
    const dialog = await openDialog(user);
    await user.click(dialog.getByRole("radio", { name: "Create account" }));
    await fill(user, dialog.getByLabelText("Address of the service"), "https://cloud.example");
    await fill(user, dialog.getByLabelText("Your name"), "Pavel Gusev");
    await fill(user, dialog.getByLabelText("E-mail"), "pavel@school.example");
    await fill(user, dialog.getByLabelText("Password"), "long enough one");
    await user.click(dialog.getByRole("button", { name: "Create account" }));
    await screen.findByText("Signed in as Pavel Gusev");
    expect(server.signIns).toMatchObject([{ register: true, name: "Pavel Gusev" }]);
  });

  it("keeps the form when it is refused, with the server's words", async () => {
    const { user } = renderApp();
    const dialog = await openDialog(user);
    await fill(user, dialog.getByLabelText("Address of the service"), "https://cloud.example");
    await fill(user, dialog.getByLabelText("E-mail"), "anna@school.example");
    await fill(user, dialog.getByLabelText("Password"), "wrong password");
    await user.keyboard("{Enter}");
    const alert = within(await dialog.findByRole("alert"));
    alert.getByText("The e-mail and the password do not go together.");
    alert.getByText("Look at both again.");
    expect(dialog.getByLabelText<HTMLInputElement>("E-mail").value).toBe("anna@school.example");
  });
});

describe("the sync chip", () => {
  const offline = () => {
    const server = new FakeServer();
    server.status = create(SyncStatusSchema, {
      state: SyncState.OFFLINE,
      waiting: 3,
      accountName: "Anna Smirnova",
      serverUrl: "https://cloud.example",
    });
    return server;
  };

  it("tells what waits and syncs on request", async () => {
    const { user } = renderApp(offline());
    await user.click(await screen.findByRole("button", { name: /Offline, saved here/ }));
    const popover = within(await screen.findByRole("dialog", { name: "Sync" }));
    popover.getByText("cloud.example");
    await user.click(popover.getByRole("button", { name: "Sync now" }));
    await popover.findByText("Synced");
  });

  it("follows the server's events", async () => {
    const { server } = renderApp(offline());
    await screen.findByText("Offline, saved here");
    server.status = create(SyncStatusSchema, { ...server.status, state: SyncState.SYNCED });
    server.emit({ case: "sync", value: server.status });
    await screen.findByText("Synced");
  });

  it("signs out and keeps the service's address", async () => {
    const { user } = renderApp(offline());
    await user.click(await screen.findByRole("button", { name: "Account of Anna Smirnova" }));
    await user.click(await screen.findByRole("menuitem", { name: /Sign out/ }));
    await screen.findByText("Saved on this computer");
  });
});
