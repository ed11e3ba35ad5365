import { useEffect } from "react";
import { useEvent } from "@/api/events";
import { useLesson } from "./lesson-context";
import { useAttempts } from "./use-attempts";
import { useFiles } from "./use-files";

/** Joins the session to the world: events come in, and nothing typed is lost when the page goes away. */
export function useSessionLife(): void {
  const { session, lesson } = useLesson();
  const { mainFile } = lesson;
  useEvent("check", (event) => session.onCheckEvent(event));
  useEvent("run", (event) => session.onRunEvent(event));
  useEvent("filesChanged", (event) => session.onFilesChanged(event));

  useEffect(() => {
    if (mainFile !== "" && session.store.getState().openFiles.length === 0) void session.openFile(mainFile);
  }, [session, mainFile]);

  const { byPath } = useFiles();
  useEffect(() => {
    if (byPath.size > 0) session.onFilesListed([...byPath.values()]);
  }, [session, byPath]);

  const { list } = useAttempts();
  useEffect(() => {
    if (list) session.onAttemptsListed(list);
  }, [session, list]);

  useEffect(() => {
    session.hold();
    const leave = () => session.buffers.leave();
    const onVisibility = () => {
      if (document.visibilityState === "hidden") leave();
    };
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", onVisibility);
      session.release();
    };
  }, [session]);
}
