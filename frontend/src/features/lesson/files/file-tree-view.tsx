import {
  ChevronRight,
  FileCode,
  FilePlus,
  FileText,
  Folder,
  FolderPlus,
  Lock,
  Pencil,
  RotateCcw,
  Trash2,
} from "lucide-react";
import { type ReactElement, useMemo, useRef, useState } from "react";
import { Button, Collection, Tree, TreeItem, TreeItemContent } from "react-aria-components";
import type { Entry } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { useT } from "@/i18n/use-t";
import { Count } from "@/ui/chip";
import { classes } from "@/ui/classes";
import { MenuAt, MenuItem } from "@/ui/menu";
import { isCode } from "../editor/languages";
import { useLesson, useLessonState } from "../session/lesson-context";
import type { FileAction } from "./file-dialogs";
import { type FileNode, fileTree, nameOf, parentOf } from "./file-tree";
import { useFailuresByFile } from "./use-failures-by-file";

export interface FileTreeViewProps {
  entries: readonly Entry[];
  onAction: (action: FileAction) => void;
}

/** The tree itself, with a menu for what can be done with a file. */
export function FileTreeView({ entries, onAction }: FileTreeViewProps) {
  const t = useT();
  const { session } = useLesson();
  const nodes = useMemo(() => fileTree(entries), [entries]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const folders = entries.filter((entry) => entry.folder).map((entry) => entry.path);
  const anchor = useRef<HTMLElement | null>(null);
  const [target, setTarget] = useState<Entry>();
  const open = (path: string) => {
    if (folders.includes(path)) {
      setFolded((before) =>
        before.has(path) ? new Set([...before].filter((each) => each !== path)) : new Set([...before, path]),
      );
    } else {
      void session.openFile(path);
    }
  };
  return (
    // Enter opens; the menu comes from the mouse's second button or from the keyboard's menu key on a row.
    // biome-ignore lint/a11y/noStaticElementInteractions: the rows inside are what is interacted with
    <div
      onContextMenu={(event) => {
        const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-key]") : null;
        const entry = entries.find(({ path }) => path === row?.dataset.key);
        if (!entry) return;
        event.preventDefault();
        anchor.current = row;
        setTarget(entry);
      }}
    >
      <Tree
        aria-label={t("lesson.files")}
        items={nodes}
        expandedKeys={folders.filter((path) => !folded.has(path))}
        onExpandedChange={(keys) => setFolded(new Set(folders.filter((path) => !keys.has(path))))}
        onAction={(key) => open(String(key))}
        className="outline-none"
      >
        {function row(node: FileNode) {
          return <FileRow node={node} renderChild={row} />;
        }}
      </Tree>
      <MenuAt
        name={t("lesson.files.menu", { name: nameOf(target?.path ?? "") })}
        triggerRef={anchor}
        placement="bottom start"
        isOpen={target !== undefined}
        onOpenChange={(isOpen) => {
          if (!isOpen) setTarget(undefined);
        }}
      >
        {target && menuOf(target, t, onAction)}
      </MenuAt>
    </div>
  );
}

interface FileRowProps {
  node: FileNode;
  renderChild: (node: FileNode) => ReactElement;
}

function FileRow({ node, renderChild }: FileRowProps) {
  const t = useT();
  const isActive = useLessonState((state) => state.activeFile === node.path);
  const failures = useFailuresByFile().get(node.path) ?? 0;
  const Icon = node.folder ? Folder : isCode(node.path) ? FileCode : FileText;
  return (
    <TreeItem
      id={node.path}
      textValue={node.name}
      className={classes(
        "rounded-control -outline-offset-2 data-hovered:bg-sheet-hover",
        isActive ? "bg-sheet-selected font-medium text-ink" : "text-ink-soft",
      )}
    >
      <TreeItemContent>
        {({ level, isExpanded }) => (
          <div
            style={{ paddingLeft: 8 + (level - 1) * 16 }}
            className="flex h-(--size-row) cursor-default items-center gap-1.5 pr-2 whitespace-nowrap"
          >
            {node.folder ? (
              <Button slot="chevron" className="grid size-4 place-items-center rounded-tight">
                <ChevronRight
                  aria-hidden
                  size={14}
                  className={classes("transition-transform motion-quick", isExpanded && "rotate-90")}
                />
              </Button>
            ) : (
              level > 1 && <span className="w-4" />
            )}
            <Icon aria-hidden size={16} className="shrink-0 text-ink-faint" />
            <span className="min-w-0 truncate">{node.name}</span>
            <span className="ml-auto flex items-center gap-1">
              {failures > 0 && (
                <>
                  <Count tone="fail">{failures}</Count>
                  <span className="sr-only">{t("lesson.files.failures")}</span>
                </>
              )}
              {node.locked && (node.folder || level === 1) && (
                <>
                  <Lock aria-hidden size={12} className="text-ink-faint" />
                  <span className="sr-only">{t("lesson.files.locked")}</span>
                </>
              )}
            </span>
          </div>
        )}
      </TreeItemContent>
      <Collection items={node.children}>{renderChild}</Collection>
    </TreeItem>
  );
}

function menuOf(node: Entry, t: ReturnType<typeof useT>, onAction: (action: FileAction) => void) {
  const folder = node.folder ? node.path : parentOf(node.path);
  return (
    <>
      <MenuItem
        label={t("lesson.files.newFile")}
        icon={FilePlus}
        onAction={() => onAction({ kind: "newFile", folder })}
      />
      <MenuItem
        label={t("lesson.files.newFolder")}
        icon={FolderPlus}
        onAction={() => onAction({ kind: "newFolder", folder })}
      />
      {node.editable && (
        <MenuItem
          label={t("lesson.files.rename")}
          icon={Pencil}
          onAction={() => onAction({ kind: "rename", path: node.path })}
        />
      )}
      {!node.folder && (
        <MenuItem
          label={t("lesson.files.reset")}
          icon={RotateCcw}
          onAction={() => onAction({ kind: "reset", path: node.path })}
        />
      )}
      {node.editable && (
        <MenuItem
          danger
          label={t("lesson.files.delete")}
          icon={Trash2}
          onAction={() => onAction({ kind: "delete", path: node.path })}
        />
      )}
    </>
  );
}
