import { FileCode, FileText, Lock } from "lucide-react";
import { Autocomplete, Input, Menu, MenuItem, SearchField, useFilter } from "react-aria-components";
import { useT } from "@/i18n/use-t";
import { Dialog } from "@/ui/dialog";
import { inputClass } from "@/ui/field";
import { menuItemClass } from "@/ui/menu";
import { isCode } from "../editor/languages";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useFiles } from "../session/use-files";
import { nameOf, parentOf } from "./file-tree";

/** Finds a file by a part of its path. */
export function GoToFile() {
  const t = useT();
  const { session } = useLesson();
  const isOpen = useLessonState((state) => state.goToFileOpen);
  const setOpen = (goToFileOpen: boolean) => session.store.setState({ goToFileOpen });
  return (
    <Dialog isOpen={isOpen} onOpenChange={setOpen} title={t("lesson.goToFile")} width="wide">
      <FileSearch onOpen={() => setOpen(false)} />
    </Dialog>
  );
}

function FileSearch({ onOpen }: { onOpen: () => void }) {
  const t = useT();
  const { session } = useLesson();
  const { byPath } = useFiles();
  const { contains } = useFilter({ sensitivity: "base" });
  const files = [...byPath.values()].map(({ path, editable }) => ({ id: path, path, editable }));
  return (
    <Autocomplete filter={contains}>
      <SearchField autoFocus aria-label={t("lesson.goToFile.name")}>
        <Input placeholder={t("lesson.goToFile.name")} className={inputClass} />
      </SearchField>
      <Menu
        aria-label={t("lesson.files")}
        items={files}
        className="max-h-80 overflow-y-auto outline-none"
        renderEmptyState={() => <p className="p-2 text-small text-ink-soft">{t("lesson.goToFile.none")}</p>}
        onAction={(path) => {
          onOpen();
          session.store.setState({ phonePane: "code" });
          void session.openFile(String(path));
        }}
      >
        {({ path, editable }) => {
          const Icon = isCode(path) ? FileCode : FileText;
          return (
            <MenuItem id={path} textValue={path} className={menuItemClass}>
              <Icon aria-hidden size={16} className="mt-0.5 text-ink-faint" />
              <span className="min-w-0 flex-1 truncate">
                {nameOf(path)} <span className="text-small text-ink-faint">{parentOf(path)}</span>
              </span>
              {!editable && <Lock aria-hidden size={12} className="mt-1 text-ink-faint" />}
            </MenuItem>
          );
        }}
      </Menu>
    </Autocomplete>
  );
}
