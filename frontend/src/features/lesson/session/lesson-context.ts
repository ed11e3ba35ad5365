import { createContext, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { OpenLessonResponse } from "@/gen/carrel/ide/v1/library_service_pb";
import type { BufferViews } from "../buffers/buffer-store";
import type { LessonSession } from "./lesson-session";
import type { LessonState } from "./lesson-store";

export interface LessonContextValue {
  readonly session: LessonSession;
  readonly lesson: OpenLessonResponse;
  readonly courseId: string;
  readonly slug: string;
}

export const LessonContext = createContext<LessonContextValue | null>(null);

/** The open lesson and its session. */
export function useLesson(): LessonContextValue {
  const value = useContext(LessonContext);
  if (!value) throw new Error("no LessonContext above this component");
  return value;
}

/** A part of the screen's state; renders only when that part changes. */
export function useLessonState<T>(select: (state: LessonState) => T): T {
  return useStore(useLesson().session.store, select);
}

/** Views of all open files. */
export function useBufferViews(): BufferViews {
  const { buffers } = useLesson().session;
  return useSyncExternalStore(buffers.subscribe, buffers.views);
}
