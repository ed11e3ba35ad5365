import { create } from "@bufbuild/protobuf";
import { createConnectQueryKey, useMutation, useQuery, useTransport } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import {
  StatusResponseSchema,
  SyncService,
  SyncState,
  type SyncStatus,
} from "@/gen/carrel/ide/v1/sync_service_pb";

/** How this computer stands with the cloud; undefined until the first answer. */
export function useSyncStatus(): SyncStatus | undefined {
  return useQuery(SyncService.method.status).data?.status;
}

/** Puts a status another call returned where useSyncStatus reads it. */
export function useKeepSyncStatus(): (status: SyncStatus | undefined) => void {
  const queries = useQueryClient();
  const transport = useTransport();
  return useCallback(
    (status) => {
      const queryKey = createConnectQueryKey({
        schema: SyncService.method.status,
        transport,
        input: {},
        cardinality: "finite",
      });
      queries.setQueryData(queryKey, create(StatusResponseSchema, { status }));
    },
    [queries, transport],
  );
}

/** Exchanges journals now. Being offline comes back as a status, not as an error. */
export function useSyncNow() {
  const keep = useKeepSyncStatus();
  return useMutation(SyncService.method.syncNow, { onSuccess: (response) => keep(response.status) });
}

export function isSignedIn(status: SyncStatus | undefined): boolean {
  return (
    status !== undefined && status.state !== SyncState.UNSPECIFIED && status.state !== SyncState.SIGNED_OUT
  );
}
