import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { useLayoutValue } from "@/api/layout";
import { createQueryClient } from "@/api/queries";
import { useChangeSettings, useSettings, withDefaults } from "@/api/settings";
import { SettingsSchema, SettingsService } from "@/gen/carrel/ide/v1/settings_service_pb";
import { FakeServer } from "@/testing/fake-server";

function scene(server = new FakeServer(), refuses = false) {
  const transport = server.transport((router) => {
    if (!refuses) return;
    router.rpc(SettingsService.method.writeSettings, () => {
      throw new ConnectError("The disk is full.", Code.ResourceExhausted);
    });
  });
  const queries = createQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TransportProvider transport={transport}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </TransportProvider>
  );
  const { result } = renderHook(
    () => ({
      ...useSettings(),
      change: useChangeSettings(),
      pane: useLayoutValue<number>("lesson.pane", 416),
    }),
    { wrapper },
  );
  return { server, result };
}

describe("settings", () => {
  it("have every default filled in", () => {
    expect(withDefaults(undefined)).toMatchObject({
      theme: "system",
      codeSize: 13,
      readingSize: 15,
      runner: "auto",
    });
    expect(withDefaults(create(SettingsSchema, { theme: "dark", codeSize: 18 }))).toMatchObject({
      theme: "dark",
      codeSize: 18,
      readingSize: 15,
    });
  });

  it("change at once and keep what was not changed", async () => {
    const server = new FakeServer();
    server.settings = create(SettingsSchema, { theme: "dark", layoutJson: '{"other":1}' });
    const { result } = scene(server);
    await waitFor(() => expect(result.current.isLoaded).toBe(true));
    act(() => result.current.change({ codeSize: 18 }));
    await waitFor(() => expect(result.current.settings.codeSize).toBe(18));
    await waitFor(() => expect(server.settings.codeSize).toBe(18));
    expect(server.settings).toMatchObject({ theme: "dark", layoutJson: '{"other":1}' });
  });

  it("go back to what is on disk when they could not be written", async () => {
    const { result } = scene(new FakeServer(), true);
    await waitFor(() => expect(result.current.isLoaded).toBe(true));
    act(() => result.current.change({ codeSize: 18 }));
    await waitFor(() => expect(result.current.settings.codeSize).toBe(13));
  });
});

describe("the layout", () => {
  it("remembers a value beside the others", async () => {
    const server = new FakeServer();
    server.settings = create(SettingsSchema, { layoutJson: '{"other":1}' });
    const { result } = scene(server);
    await waitFor(() => expect(result.current.isLoaded).toBe(true));
    expect(result.current.pane[0]).toBe(416);
    act(() => result.current.pane[1](500));
    await waitFor(() => expect(result.current.pane[0]).toBe(500));
    await waitFor(() =>
      expect(JSON.parse(server.settings.layoutJson)).toEqual({ other: 1, "lesson.pane": 500 }),
    );
  });

  it.each(["not json", "null", '{"lesson.pane":"wide"}', ""])(
    "falls back when it reads %s",
    async (layoutJson) => {
      const server = new FakeServer();
      server.settings = create(SettingsSchema, { layoutJson });
      const { result } = scene(server);
      await waitFor(() => expect(result.current.isLoaded).toBe(true));
      expect(result.current.pane[0]).toBe(416);
    },
  );
});
