import { useTransport } from "@connectrpc/connect-query";
import { useMemo, useState } from "react";
import type { OpenLessonResponse } from "@/gen/carrel/ide/v1/library_service_pb";
import { storageShelf } from "./buffers/draft-shelf";
import { CheckAnnouncer } from "./checks/check-announcer";
import { GoToFile } from "./files/go-to-file";
import { LessonLayout } from "./layout/lesson-layout";
import { LessonContext } from "./session/lesson-context";
import { LessonSession } from "./session/lesson-session";
import { useLessonCommands } from "./session/use-lesson-commands";
import { useSessionLife } from "./session/use-session-life";
import { LessonTopBar } from "./top-bar/lesson-top-bar";

export interface LessonWorkspaceProps {
  lesson: OpenLessonResponse;
  courseId: string;
  slug: string;
}

/** A lesson with its session. Rendered with the lesson's id as key: another lesson is another workspace. */
export function LessonWorkspace({ lesson, courseId, slug }: LessonWorkspaceProps) {
  const transport = useTransport();
  const lessonId = lesson.lesson?.id ?? "";
  const [session] = useState(
    () => new LessonSession(transport, lessonId, storageShelf(window.localStorage, lessonId)),
  );
  const value = useMemo(() => ({ session, lesson, courseId, slug }), [session, lesson, courseId, slug]);
  return (
    <LessonContext value={value}>
      <SessionLife />
      <LessonTopBar />
      <LessonLayout />
      <GoToFile />
      <CheckAnnouncer />
    </LessonContext>
  );
}

function SessionLife() {
  useSessionLife();
  useLessonCommands();
  return null;
}
