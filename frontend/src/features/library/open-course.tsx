import { useMutation } from "@connectrpc/connect-query";
import { useQueryClient } from "@tanstack/react-query";
import { BookOpen, FolderOpen } from "lucide-react";
import { type FormEvent, useState } from "react";
import { invalidate } from "@/api/events";
import { native } from "@/api/native";
import { toProblem } from "@/api/problem";
import { pickText } from "@/api/text";
import { useCommand } from "@/commands/use-command";
import { LibraryService } from "@/gen/carrel/ide/v1/library_service_pb";
import { useLocale, useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { toast } from "@/ui/toast-store";

/** Adds a course folder of this computer: by the system's dialog in the window, by its path in a browser. */
export function OpenCourse() {
  const t = useT();
  const locale = useLocale();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [path, setPath] = useState("");
  const add = useMutation(LibraryService.method.addFolder, {
    onSuccess(response) {
      invalidate(queries, LibraryService.method.listCourses);
      setAsking(false);
      setPath("");
      toast({
        title: t("library.added", { course: pickText(response.course?.course?.title, locale) }),
        icon: BookOpen,
      });
    },
  });
  const open = async () => {
    add.reset();
    const { chooseFolder } = native();
    if (!chooseFolder) return setAsking(true);
    const chosen = await chooseFolder(t("library.openTitle"));
    if (chosen === "") return;
    // A folder that is refused is shown in the same dialog, with its path to correct.
    setPath(chosen);
    add.mutate({ path: chosen }, { onError: () => setAsking(true) });
  };
  useCommand({
    id: "library.addFolder",
    labelKey: "library.openTitle",
    icon: FolderOpen,
    run: () => void open(),
  });
  const problem = add.error && toProblem(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ path: path.trim() });
  };
  return (
    <section
      aria-labelledby="open-course"
      className="grid justify-items-center gap-2 rounded-sheet border-[1.5px] border-dashed border-line-control p-5 text-center"
    >
      <FolderOpen aria-hidden size={24} className="text-ink-soft" />
      <h2 id="open-course" className="font-medium">
        {t("library.openTitle")}
      </h2>
      <p className="text-small text-ink-soft">{t("library.openText")}</p>
      <Button size="small" className="mt-1" busy={add.isPending} onPress={() => void open()}>
        {t("library.openFolder")}
      </Button>
      <Dialog isOpen={isAsking} onOpenChange={setAsking} title={t("library.openTitle")}>
        <form onSubmit={submit} className="grid gap-3 text-left">
          <Field
            autoFocus
            isRequired
            label={t("library.folderPath")}
            description={t("library.folderHint")}
            value={path}
            onChange={(value) => {
              setPath(value);
              add.reset();
            }}
            error={
              problem
                ? [problem.message, problem.hint].filter(Boolean).join(" ") || t("problem.internal.title")
                : ""
            }
          />
          <div className="mt-2 flex flex-wrap justify-end gap-2">
            <Button onPress={() => setAsking(false)}>{t("dialog.cancel")}</Button>
            <Button kind="primary" type="submit" busy={add.isPending} isDisabled={add.isPending}>
              {t("library.openFolder")}
            </Button>
          </div>
        </form>
      </Dialog>
    </section>
  );
}
