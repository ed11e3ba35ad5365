import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useT } from "@/i18n/use-t";
import { useLesson } from "../session/lesson-context";
import { languageOf } from "./languages";
import { editorPhrases } from "./phrases";
import { carrelTheme } from "./theme";

/** The file on disk beside the learner's text, both to read. */
export function CompareView({ path, theirs }: { path: string; theirs: string }) {
  const t = useT();
  const { session } = useLesson();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    let view: MergeView | undefined;
    let gone = false;
    const mine = session.buffers.find(path)?.currentText() ?? "";
    void Promise.resolve(languageOf(path))
      .catch(() => undefined)
      .then((language) => {
        if (gone) return;
        const side = (doc: string, label: string) => ({
          doc,
          extensions: [
            lineNumbers(),
            carrelTheme,
            language ?? [],
            EditorState.phrases.of(editorPhrases(t)),
            EditorState.readOnly.of(true),
            EditorView.editable.of(false),
            EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          ],
        });
        view = new MergeView({
          parent,
          a: side(theirs, t("lesson.conflict.onDisk")),
          b: side(mine, t("lesson.conflict.mine")),
          collapseUnchanged: { margin: 3, minSize: 6 },
        });
      });
    return () => {
      gone = true;
      view?.destroy();
    };
  }, [session, path, theirs, t]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="grid shrink-0 grid-cols-2 border-b border-line text-small font-medium text-ink-soft">
        <span className="px-4 py-1">{t("lesson.conflict.onDisk")}</span>
        <span className="border-l border-line px-4 py-1">{t("lesson.conflict.mine")}</span>
      </div>
      <div ref={host} className="min-h-0 flex-1 overflow-auto" />
    </div>
  );
}
