import { defineConfig } from "@playwright/test";

// One worker: every test has a product of its own, and the machine may have two cores.
export default defineConfig({
  testDir: ".",
  outputDir: "../../build/.cache/browser-results",
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  forbidOnly: true,
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      // As root there is no sandbox to be had; the rest keeps the browser from looking for a network.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    trace: "retain-on-failure",
  },
});
