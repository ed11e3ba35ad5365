import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createRoot } from "react-dom/client";
import { App } from "@/app/app";
import { createServices } from "@/app/services";
import { ListCoursesResponseSchema } from "@/gen/carrel/ide/v1/library_service_pb";
import { SettingsSchema } from "@/gen/carrel/ide/v1/settings_service_pb";
import { SyncState, SyncStatusSchema } from "@/gen/carrel/ide/v1/sync_service_pb";
import { startI18n } from "@/i18n";
import { FakeServer } from "@/testing/fake-server";
import "@/styles/app.css";

// Screens with sample data, for looking at them: /src/testing/harness.html?theme=dark&locale=ru&state=offline&run=palette.open
const ask = new URLSearchParams(window.location.search);
const server = new FakeServer();
const locale = ask.get("locale") === "ru" ? "ru" : "en";
server.settings = create(SettingsSchema, { theme: ask.get("theme") ?? "light", locale });
const signedIn = {
  accountName: "Anna Smirnova",
  accountEmail: "anna@school.example",
  serverUrl: "https://carrel.school.example",
  lastSyncAtMs: BigInt(new Date().setHours(9, 33, 30, 0)),
  waiting: 3,
};
switch (ask.get("state")) {
  case "signed-out":
    break;
  case "empty":
    server.library = create(ListCoursesResponseSchema);
    break;
  case "slow":
    server.isSlow = true;
    break;
  case "broken":
    server.failure = new ConnectError("The list of courses cannot be read.", Code.Internal, {
      "carrel-hint": encodeURIComponent("Look at “This computer”."),
    });
    break;
  case "syncing":
    server.status = create(SyncStatusSchema, { ...signedIn, state: SyncState.SYNCING });
    break;
  case "refused":
    server.status = create(SyncStatusSchema, {
      ...signedIn,
      state: SyncState.REFUSED,
      message: "This computer was signed out by its owner.",
      hint: "Sign in again.",
    });
    break;
  default:
    server.status = create(SyncStatusSchema, {
      ...signedIn,
      state: SyncState.OFFLINE,
      offlineSinceMs: BigInt(new Date().setHours(9, 12, 0, 0)),
    });
}
server.findings = [
  {
    subject: "Docker",
    ok: false,
    message: "Docker is not running.",
    hint: "Start Docker, or run checks in the cloud.",
  },
  { subject: "Disk", ok: true, message: "41 GB are free where Carrel keeps courses." },
  { subject: "Cloud", ok: true, message: "carrel.school.example answers in 38 ms." },
];

startI18n(locale);
const services = createServices(server.transport());
const root = document.getElementById("root");
if (root) createRoot(root).render(<App services={services} />);
const run = ask.get("run");
if (run) setTimeout(() => services.commands.run(run), 300);
setTimeout(() => {
  const click = ask.get("click");
  if (click) document.querySelector<HTMLElement>(click)?.click();
}, 600);
server.emit({
  case: "task",
  value: {
    taskId: "install-http-wire",
    titleKey: "",
    subject: "http-wire",
    fraction: ask.has("download") ? 0.64 : 1,
    ended: !ask.has("download"),
    message: "",
  },
});
