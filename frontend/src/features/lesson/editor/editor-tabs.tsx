import { FileCode, FileText, Lock, X } from "lucide-react";
import { useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { nameOf } from "../files/file-tree";
import { useBufferViews, useLesson, useLessonState } from "../session/lesson-context";
import { isCode } from "./languages";

/** Open files. Buttons side by side and no ARIA tabs: a tab must not contain a close button. */
export function EditorTabs() {
  const t = useT();
  const openFiles = useLessonState((state) => state.openFiles);
  return (
    <ul
      aria-label={t("lesson.editor.open")}
      className="flex min-w-0 flex-1 items-stretch overflow-x-auto [scrollbar-width:none]"
    >
      {openFiles.map((path) => (
        <EditorTab key={path} path={path} />
      ))}
    </ul>
  );
}

function EditorTab({ path }: { path: string }) {
  const t = useT();
  const { session } = useLesson();
  const isActive = useLessonState((state) => state.activeFile === path);
  const view = useBufferViews().get(path);
  const locked = view !== undefined && !view.editable;
  const unsaved = view !== undefined && view.phase !== "clean";
  const Icon = locked ? Lock : isCode(path) ? FileCode : FileText;
  const name = nameOf(path);
  return (
    <li
      title={path}
      className={classes(
        "group relative flex shrink-0 items-stretch border-r border-line",
        isActive ? "bg-sheet font-medium text-ink shadow-[0_1px_0_var(--sheet)]" : "text-ink-soft",
      )}
    >
      <button
        type="button"
        aria-current={isActive ? "true" : undefined}
        onClick={() => void session.openFile(path)}
        onAuxClick={() => void session.closeFile(path)}
        className="flex cursor-default items-center gap-2 pr-7 pl-3 -outline-offset-2"
      >
        <Icon aria-hidden size={locked ? 12 : 14} className="text-ink-faint" />
        {name}
        {locked && <span className="sr-only">{t("lesson.files.locked")}</span>}
        {unsaved && <span className="sr-only">{t("lesson.editor.unsaved")}</span>}
      </button>
      {unsaved && (
        <span
          aria-hidden
          className={classes(
            "absolute top-1/2 right-2.5 size-1.5 -translate-y-1/2 rounded-round group-focus-within:hidden group-hover:hidden",
            view.phase === "failed" ? "bg-fail" : view.phase === "conflict" ? "bg-warn" : "bg-ink-faint",
          )}
        />
      )}
      <button
        type="button"
        aria-label={t("lesson.editor.close", { name })}
        onClick={() => void session.closeFile(path)}
        className="absolute top-1/2 right-0.5 grid size-6 -translate-y-1/2 cursor-default place-items-center rounded-tight text-ink-faint opacity-0 group-hover:opacity-100 hover:bg-sheet-hover hover:text-ink focus-visible:opacity-100"
      >
        <X aria-hidden size={12} />
      </button>
    </li>
  );
}
