import { useQuery } from "@connectrpc/connect-query";
import { useMemo } from "react";
import { type Attempt, CheckService } from "@/gen/carrel/ide/v1/check_service_pb";
import { type CheckState, NO_CHECK, recorded } from "../checks/check-state";
import { useLesson, useLessonState } from "./lesson-context";

export interface Attempts {
  /** Newest first; undefined until they are known. */
  readonly list: readonly Attempt[] | undefined;
  readonly error: unknown;
  readonly refetch: () => void;
  /** 1 for the first attempt of the lesson. */
  readonly numberOf: (attemptId: string) => number | undefined;
}

export function useAttempts(): Attempts {
  const { session, lesson } = useLesson();
  const { data, error, refetch } = useQuery(CheckService.method.listAttempts, { lessonId: session.lessonId });
  const list = data?.attempts;
  // The list may be one page of many; progress counts all of them.
  const total = Math.max(lesson.progress?.attempts ?? 0, list?.length ?? 0);
  return {
    list,
    error,
    refetch: () => void refetch(),
    numberOf: (attemptId) => {
      const at = list?.findIndex((attempt) => attempt.id === attemptId) ?? -1;
      return at < 0 ? undefined : total - at;
    },
  };
}

/** What the checks panel shows: the check of this session, else the last recorded attempt. */
export function useShownCheck(): CheckState {
  const check = useLessonState((state) => state.check);
  const newest = useAttempts().list?.[0];
  return useMemo(() => {
    if (check.phase.kind !== "none" || !newest?.report) return check;
    return recorded(NO_CHECK, newest.id, newest.report);
  }, [check, newest]);
}
