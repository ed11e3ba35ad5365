import { create } from "@bufbuild/protobuf";
import { createConnectQueryKey, useMutation, useQuery, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import {
  ReadSettingsResponseSchema,
  type Settings,
  SettingsSchema,
  SettingsService,
} from "@/gen/carrel/ide/v1/settings_service_pb";

export const codeSizes = { smallest: 11, usual: 13, largest: 22 };
export const readingSizes = { smallest: 15, usual: 15, largest: 20 };

export type SettingsPatch = Partial<Omit<Settings, "$typeName" | "$unknown">>;

/** The settings with every default filled in, so that screens never meet an empty field. */
export function withDefaults(settings: Settings | undefined): Settings {
  return create(SettingsSchema, {
    theme: settings?.theme || "system",
    locale: settings?.locale ?? "",
    codeSize: settings?.codeSize || codeSizes.usual,
    readingSize: settings?.readingSize || readingSizes.usual,
    runner: settings?.runner || "auto",
    layoutJson: settings?.layoutJson ?? "",
  });
}

/** What the person chose on this computer; defaults until the answer is here. */
export function useSettings(): { settings: Settings; version: string; isLoaded: boolean } {
  const { data } = useQuery(SettingsService.method.readSettings);
  return {
    settings: withDefaults(data?.settings),
    version: data?.version ?? "",
    isLoaded: data !== undefined,
  };
}

/** Changes some settings: at once on screen, then on disk. */
export function useChangeSettings(): (patch: SettingsPatch) => void {
  const queries = useQueryClient();
  const transport = useTransport();
  const { mutate } = useMutation(SettingsService.method.writeSettings);
  return useCallback(
    (patch) => {
      const queryKey = createConnectQueryKey({
        schema: SettingsService.method.readSettings,
        transport,
        input: {},
        cardinality: "finite",
      });
      const before = queries.getQueryData(queryKey);
      const settings = create(SettingsSchema, { ...withDefaults(before?.settings), ...patch });
      queries.setQueryData(
        queryKey,
        create(ReadSettingsResponseSchema, { settings, version: before?.version ?? "" }),
      );
      mutate({ settings }, { onError: () => queries.invalidateQueries({ queryKey }) });
    },
    [queries, transport, mutate],
  );
}
