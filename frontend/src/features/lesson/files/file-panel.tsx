import { FilePlus, FolderPlus, PanelLeftClose } from "lucide-react";
import { useState } from "react";
import { toProblem } from "@/api/problem";
import { useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { useFiles } from "../session/use-files";
import { type FileAction, FileDialogs } from "./file-dialogs";
import { FileTreeView } from "./file-tree-view";

/** The files of the workspace and what can be done with them. */
export function FilePanel({ onFold }: { onFold: () => void }) {
  const t = useT();
  const { entries, error, isPending, refetch } = useFiles();
  const [action, setAction] = useState<FileAction>();
  return (
    <nav
      data-pane="files"
      aria-label={t("lesson.files")}
      className="group/files flex min-h-0 flex-1 flex-col"
    >
      <div className="flex h-(--size-pane-header) shrink-0 items-center border-b border-line pr-1.5 pl-3">
        <span className="min-w-0 flex-1 truncate font-medium text-ink-soft">{t("lesson.files")}</span>
        <span className="flex opacity-0 group-focus-within/files:opacity-100 group-hover/files:opacity-100">
          <IconButton
            size="small"
            name={t("lesson.files.newFile")}
            icon={FilePlus}
            onPress={() => setAction({ kind: "newFile", folder: "" })}
          />
          <IconButton
            size="small"
            name={t("lesson.files.newFolder")}
            icon={FolderPlus}
            onPress={() => setAction({ kind: "newFolder", folder: "" })}
          />
        </span>
        <IconButton size="small" name={t("lesson.files.hide")} icon={PanelLeftClose} onPress={onFold} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto p-1">
        {error && entries.length === 0 ? (
          <ProblemState className="p-2" problem={toProblem(error)} onRetry={refetch} />
        ) : isPending ? (
          <Skeleton className="p-3" lines={4} />
        ) : entries.length === 0 ? (
          <p className="p-2 text-small text-ink-soft">{t("lesson.files.empty")}</p>
        ) : (
          <FileTreeView entries={entries} onAction={setAction} />
        )}
      </div>
      <FileDialogs action={action} entries={entries} onDone={() => setAction(undefined)} />
    </nav>
  );
}
