import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const src = fileURLToPath(new URL("./src", import.meta.url));

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": src } },
  // The window serves the bundle from wails://, so no asset may assume a host or a root path.
  base: "./",
  build: {
    // Safari 16 is the oldest engine we meet: WebKitGTK 2.38 of Debian 12.
    target: ["safari16", "chrome109"],
    outDir: "dist",
    // Go embeds the folder, and .gitkeep lets it compile before the first build.
    emptyOutDir: true,
    // Small fonts inlined into the CSS would be parsed before the first paint.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  // `npm run dev` talks to a local `carrel serve`; its token travels in the URL fragment as in production.
  server: {
    proxy: process.env.CARREL_ADDR ? { "/rpc": { target: process.env.CARREL_ADDR } } : {},
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // Whole screens on a busy two-core machine take seconds; a hang is still found.
    testTimeout: 20_000,
  },
});
