import { useMutation } from "@connectrpc/connect-query";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import { type Entry, WorkspaceService } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { useLesson } from "../session/lesson-context";
import { useFiles } from "../session/use-files";
import { joined, nameFault, nameOf, parentOf } from "./file-tree";

/** What a person wants to do with a file or folder. */
export type FileAction =
  | { readonly kind: "newFile"; readonly folder: string }
  | { readonly kind: "newFolder"; readonly folder: string }
  | { readonly kind: "rename"; readonly path: string }
  | { readonly kind: "reset"; readonly path: string }
  | { readonly kind: "delete"; readonly path: string };

export interface FileDialogsProps {
  action: FileAction | undefined;
  entries: readonly Entry[];
  onDone: () => void;
}

/** The question that belongs to a file action. */
export function FileDialogs({ action, entries, onDone }: FileDialogsProps) {
  if (!action) return null;
  const key = `${action.kind} ${"path" in action ? action.path : action.folder}`;
  if (action.kind === "delete" || action.kind === "reset") {
    return <ConfirmDialog key={key} action={action} onDone={onDone} />;
  }
  return <NameDialog key={key} action={action} entries={entries} onDone={onDone} />;
}

type NameAction = Exclude<FileAction, ConfirmAction>;

function NameDialog({
  action,
  entries,
  onDone,
}: {
  action: NameAction;
  entries: readonly Entry[];
  onDone: () => void;
}) {
  const t = useT();
  const { session } = useLesson();
  const { refetch } = useFiles();
  const create = useMutation(WorkspaceService.method.createEntry);
  const rename = useMutation(WorkspaceService.method.renameEntry);
  const isRename = action.kind === "rename";
  const folder = isRename ? parentOf(action.path) : action.folder;
  const [name, setName] = useState(isRename ? nameOf(action.path) : "");
  const unchanged = isRename && name.trim() === nameOf(action.path);
  const fault = unchanged ? undefined : nameFault(name, folder, entries);
  const failure = create.error ?? rename.error;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (unchanged) return onDone();
    if (fault) return;
    const { lessonId } = session;
    const path = joined(folder, name.trim());
    if (isRename) {
      if (!(await session.buffers.flush())) return;
      await rename.mutateAsync({ lessonId, path: action.path, newPath: path });
      session.forgetFile(action.path);
    } else {
      await create.mutateAsync({ lessonId, path, folder: action.kind === "newFolder" });
    }
    refetch();
    if (
      entries.find((entry) => isRename && entry.path === action.path)?.folder !== true &&
      action.kind !== "newFolder"
    ) {
      void session.openFile(path);
    }
    onDone();
  };
  return (
    <Dialog isOpen onOpenChange={onDone} title={t(`lesson.files.${action.kind}`)}>
      {/* A refused call is shown below the field; the promise itself has nobody else to tell. */}
      <form className="grid gap-3" onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Field
          autoFocus
          label={t("lesson.files.name")}
          value={name}
          onChange={setName}
          description={folder === "" ? undefined : t("lesson.files.inFolder", { folder })}
          error={
            fault && fault !== "empty"
              ? t(`lesson.files.fault.${fault}`)
              : failure
                ? words(failure)
                : undefined
          }
        />
        <div className="mt-2 flex justify-end gap-2">
          <Button onPress={onDone}>{t("lesson.cancel")}</Button>
          <Button kind="primary" type="submit" isDisabled={fault !== undefined}>
            {t(isRename ? "lesson.files.renameNow" : "lesson.files.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type ConfirmAction = Extract<FileAction, { kind: "delete" } | { kind: "reset" }>;

function ConfirmDialog({ action, onDone }: { action: ConfirmAction; onDone: () => void }) {
  const t = useT();
  const { session } = useLesson();
  const { refetch } = useFiles();
  const remove = useMutation(WorkspaceService.method.deleteEntry);
  const reset = useMutation(WorkspaceService.method.resetFile);
  const name = nameOf(action.path);
  const isDelete = action.kind === "delete";
  const failure = remove.error ?? reset.error;
  const confirm = async () => {
    const { lessonId } = session;
    const { path } = action;
    if (isDelete) {
      await remove.mutateAsync({ lessonId, path });
      session.forgetFile(path);
    } else {
      const { text, digest } = await reset.mutateAsync({ lessonId, path });
      session.buffers.replace(path, { text, digest });
    }
    refetch();
    onDone();
  };
  return (
    <Dialog
      isOpen
      role="alertdialog"
      onOpenChange={onDone}
      title={t(isDelete ? "lesson.files.deleteTitle" : "lesson.files.resetTitle", { name })}
      actions={
        <>
          <Button onPress={onDone}>{t("lesson.cancel")}</Button>
          <Button
            kind={isDelete ? "danger" : "primary"}
            onPress={() => void confirm().catch(() => undefined)}
          >
            {t(isDelete ? "lesson.files.deleteNow" : "lesson.files.resetNow")}
          </Button>
        </>
      }
    >
      <p className="text-ink-soft">{t(isDelete ? "lesson.files.deleteKept" : "lesson.files.resetKept")}</p>
      {failure && (
        <p role="alert" className="text-small text-fail">
          {words(failure)}
        </p>
      )}
    </Dialog>
  );
}

function words(error: unknown): string {
  const { message, hint } = toProblem(error);
  return [message, hint].filter(Boolean).join(" ");
}
