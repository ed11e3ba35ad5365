import { useEffect, useRef, useState } from "react";
import { useT } from "@/i18n/use-t";
import { nameOf } from "../files/file-tree";
import { useBufferViews, useLesson, useLessonState } from "../session/lesson-context";
import { EditorHost } from "./editor-host";
import { editorPhrases } from "./phrases";
import { useFailedMarks } from "./use-failed-marks";

/** The CodeMirror of a lesson, kept in step with its buffers. Each effect below feeds it one thing. */
export function CodeEditor() {
  const t = useT();
  const { session } = useLesson();
  const parent = useRef<HTMLDivElement>(null);
  const [host, setHost] = useState<EditorHost>();
  const path = useLessonState((state) => state.activeFile);
  const openFiles = useLessonState((state) => state.openFiles);
  const jump = useLessonState((state) => state.jump);
  const views = useBufferViews();
  const view = views.get(path);
  const marks = useFailedMarks(path);

  useEffect(() => {
    if (!parent.current) return;
    const created = new EditorHost(parent.current, {
      onEdit: (edited, text) => session.buffers.find(edited)?.edit(text),
      onBlur: (left) => void session.buffers.find(left)?.flush(),
      onCursor: (line, column) => session.store.setState({ cursor: { line, column } }),
    });
    setHost(created);
    return () => created.destroy();
  }, [session]);

  const isOpen = view !== undefined;
  const editable = view?.editable ?? false;
  useEffect(() => {
    const buffer = session.buffers.find(path);
    if (!host || !isOpen || !buffer) return;
    host.show({
      path,
      text: buffer.currentText(),
      editable,
      label: t(editable ? "lesson.editor.label" : "lesson.editor.labelLocked", { name: nameOf(path) }),
    });
  }, [host, session, path, isOpen, editable, t]);

  useEffect(() => {
    for (const known of host?.known() ?? []) {
      if (!openFiles.includes(known)) host?.forget(known);
      else if (views.get(known)?.replaced) {
        host?.replaceText(known, session.buffers.find(known)?.currentText() ?? "");
      }
    }
  }, [host, session, views, openFiles]);

  useEffect(() => host?.setMarks(marks), [host, marks]);
  useEffect(() => host?.setPhrases(editorPhrases(t)), [host, t]);
  useEffect(() => {
    if (isOpen && jump?.path === path) host?.jump(jump.line);
  }, [host, isOpen, path, jump]);

  return <div ref={parent} className="min-h-0 flex-1 overflow-hidden [&>.cm-editor]:h-full" />;
}
