import type { DescMethodUnary } from "@bufbuild/protobuf";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import type { Connection, EventHub, EventKind, EventValue } from "@/api/event-hub";
import { CheckService } from "@/gen/carrel/ide/v1/check_service_pb";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { SyncService } from "@/gen/carrel/ide/v1/sync_service_pb";
import { WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";

export const EventHubContext = createContext<EventHub | null>(null);

function useEventHub(): EventHub {
  const hub = useContext(EventHubContext);
  if (!hub) throw new Error("no EventHubContext above this component");
  return hub;
}

/** Calls handler for each event of the kind while the component is mounted; always the latest handler. */
export function useEvent<K extends EventKind>(kind: K, handler: (value: EventValue<K>) => void): void {
  const hub = useEventHub();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => hub.subscribe(kind, (value) => latest.current(value)), [hub, kind]);
}

/** Whether Carrel's local server answers. */
export function useConnection(): Connection {
  const hub = useEventHub();
  return useSyncExternalStore(hub.watchConnection, hub.connectionState);
}

/**
 * Marks the cached answers of the methods as outdated; those on screen are fetched again.
 * Without methods it does so for everything.
 */
export function invalidate(queries: QueryClient, ...methods: DescMethodUnary[]): void {
  if (methods.length === 0) void queries.invalidateQueries();
  for (const schema of methods) {
    void queries.invalidateQueries({ queryKey: createConnectQueryKey({ schema, cardinality: undefined }) });
  }
}

/** Keeps the query cache in step with the server. Returns the function that stops it. */
export function bindQueriesToEvents(hub: EventHub, queries: QueryClient): () => void {
  const stops = [
    hub.subscribe("progressChanged", () =>
      invalidate(
        queries,
        LibraryService.method.listCourses,
        LibraryService.method.openLesson,
        CheckService.method.listAttempts,
      ),
    ),
    // Open editors compare digests themselves and listen to filesChanged; the tree is a plain query.
    hub.subscribe("filesChanged", () => invalidate(queries, WorkspaceService.method.listFiles)),
    hub.subscribe("sync", () =>
      invalidate(queries, SyncService.method.status, CheckService.method.listAttempts),
    ),
    hub.subscribe("runnersChanged", () => invalidate(queries, CheckService.method.listRunners)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
