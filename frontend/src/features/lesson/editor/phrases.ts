import type { useT } from "@/i18n/use-t";

/** The words CodeMirror shows and announces, by the English ones it asks for. */
export function editorPhrases(t: ReturnType<typeof useT>): Record<string, string> {
  return {
    Find: t("lesson.find.find"),
    Replace: t("lesson.find.replace"),
    next: t("lesson.find.next"),
    previous: t("lesson.find.previous"),
    all: t("lesson.find.all"),
    "match case": t("lesson.find.case"),
    regexp: t("lesson.find.regexp"),
    "by word": t("lesson.find.word"),
    replace: t("lesson.find.replaceOne"),
    "replace all": t("lesson.find.replaceAll"),
    close: t("lesson.find.close"),
    "Go to line": t("lesson.find.line"),
    go: t("lesson.find.go"),
    "current match": t("lesson.find.current"),
    "replaced $ matches": t("lesson.find.replaced"),
    "replaced match on line $": t("lesson.find.replacedLine"),
    "on line": t("lesson.find.onLine"),
    "$ unchanged lines": t("lesson.conflict.unchanged"),
    "Unfolded lines": t("lesson.find.unfolded"),
  };
}
