import { useQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";
import { type Entry, WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { useLesson } from "./lesson-context";

const NO_ENTRIES: readonly Entry[] = [];

export interface Files {
  readonly entries: readonly Entry[];
  /** Files only, by path. */
  readonly byPath: ReadonlyMap<string, Entry>;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly refetch: () => void;
}

/** The files of the workspace, as they are on disk. */
export function useFiles(): Files {
  const { session } = useLesson();
  const { data, error, isPending, refetch } = useQuery(WorkspaceService.method.listFiles, {
    lessonId: session.lessonId,
  });
  const entries = data?.entries ?? NO_ENTRIES;
  const byPath = useMemo(
    () => new Map(entries.filter((entry) => !entry.folder).map((entry) => [entry.path, entry])),
    [entries],
  );
  return { entries, byPath, isPending, error, refetch: () => void refetch() };
}
