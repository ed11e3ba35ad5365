import { FileQuestion, FileX, History, MousePointerClick, PanelLeftOpen } from "lucide-react";
import { lazy, Suspense } from "react";
import { useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { AttemptsPopover } from "../attempts/attempts-popover";
import { useLayoutKind } from "../layout/use-window";
import { useBufferViews, useLesson, useLessonState } from "../session/lesson-context";
import { ConflictBar } from "./conflict-bar";
import { EditorTabs } from "./editor-tabs";

const CodeEditor = lazy(() => import("./code-editor").then((module) => ({ default: module.CodeEditor })));
const CompareView = lazy(() => import("./compare-view").then((module) => ({ default: module.CompareView })));

export interface EditorPaneProps {
  filesFolded: boolean;
  onUnfoldFiles: () => void;
}

/** Tabs of open files and the code of one of them. */
export function EditorPane({ filesFolded, onUnfoldFiles }: EditorPaneProps) {
  const t = useT();
  return (
    <div data-pane="code" className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex h-(--size-pane-header) shrink-0 items-stretch border-b border-line bg-sheet-sunken">
        {filesFolded && (
          <div className="flex items-center border-r border-line px-1.5">
            <IconButton
              size="small"
              name={t("lesson.files.show")}
              icon={PanelLeftOpen}
              onPress={onUnfoldFiles}
            />
          </div>
        )}
        <EditorTabs />
        <EditorMeta />
      </div>
      <ConflictBar />
      <div className="relative flex min-h-0 flex-1 flex-col">
        <Suspense fallback={<Skeleton className="max-w-100 p-5" lines={4} />}>
          <EditorBody />
        </Suspense>
      </div>
    </div>
  );
}

function EditorBody() {
  const t = useT();
  const { session } = useLesson();
  const path = useLessonState((state) => state.activeFile);
  const problem = useLessonState((state) => state.fileProblem);
  const comparing = useLessonState((state) => state.comparing);
  const view = useBufferViews().get(path);
  if (path === "") {
    return <EmptyState className="p-6" icon={MousePointerClick} title={t("lesson.editor.none")} />;
  }
  if (problem?.kind === "notFound") {
    return (
      <EmptyState className="p-6" icon={FileX} title={t("lesson.editor.missing", { path })}>
        {t("lesson.editor.missingHint")}
      </EmptyState>
    );
  }
  if (problem) {
    return <ProblemState className="p-6" problem={problem} onRetry={() => void session.openFile(path)} />;
  }
  if (view?.binary) {
    return (
      <EmptyState className="p-6" icon={FileQuestion} title={t("lesson.editor.binary")}>
        {t("lesson.editor.binaryHint")}
      </EmptyState>
    );
  }
  if (comparing === path && view?.theirs && view.theirs !== "deleted") {
    return <CompareView path={path} theirs={view.theirs.text} />;
  }
  return <CodeEditor />;
}

function EditorMeta() {
  const t = useT();
  const kind = useLayoutKind();
  const { lesson } = useLesson();
  const { line, column } = useLessonState((state) => state.cursor);
  const isOpen = useLessonState((state) => state.activeFile !== "");
  const roomy = kind === "large" || kind === "wide";
  return (
    <div className="ml-auto flex shrink-0 items-center gap-3 pr-2 pl-3 text-small whitespace-nowrap text-ink-faint">
      {isOpen && kind !== "phone" && (
        <span className="tabular">{t("lesson.editor.place", { line, column })}</span>
      )}
      {roomy && <span>{lesson.environment}</span>}
      <AttemptsPopover
        trigger={<IconButton size="small" name={t("lesson.attempts")} icon={History} keys="Mod+Shift+KeyH" />}
      />
    </div>
  );
}
