import { FileDiff, FileX, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { useBufferViews, useLesson, useLessonState } from "../session/lesson-context";

/** Asks what to do when the shown file is another one on disk, and says why it could not be saved. */
export function ConflictBar() {
  const t = useT();
  const { session } = useLesson();
  const path = useLessonState((state) => state.activeFile);
  const comparing = useLessonState((state) => state.comparing === path);
  const view = useBufferViews().get(path);
  if (view?.phase === "failed" && view.problem) {
    return (
      <Bar
        tone="fail"
        icon={TriangleAlert}
        text={t("lesson.conflict.failed")}
        detail={sentence(view.problem)}
      >
        <Button size="small" onPress={() => void session.buffers.find(path)?.flush()}>
          {t("problem.retry")}
        </Button>
      </Bar>
    );
  }
  if (view?.phase !== "conflict") return null;
  const buffer = session.buffers.find(path);
  const end = () => session.store.setState({ comparing: undefined });
  const keepMine = () => {
    end();
    void buffer?.keepMine();
  };
  if (view.theirs === "deleted") {
    return (
      <Bar icon={FileX} text={t("lesson.conflict.deleted")} detail={t("lesson.conflict.deletedHint")}>
        <Button size="small" onPress={() => session.forgetFile(path)}>
          {t("lesson.conflict.closeIt")}
        </Button>
        <Button size="small" onPress={keepMine}>
          {t("lesson.conflict.keepIt")}
        </Button>
      </Bar>
    );
  }
  return (
    <Bar icon={FileDiff} text={t("lesson.conflict.changed")} detail={t("lesson.conflict.changedHint")}>
      <Button
        size="small"
        kind="quiet"
        onPress={() => session.store.setState({ comparing: comparing ? undefined : path })}
      >
        {t(comparing ? "lesson.conflict.edit" : "lesson.conflict.compare")}
      </Button>
      <Button
        size="small"
        onPress={() => {
          end();
          buffer?.takeTheirs();
        }}
      >
        {t("lesson.conflict.takeTheirs")}
      </Button>
      <Button size="small" onPress={keepMine}>
        {t("lesson.conflict.keepMine")}
      </Button>
    </Bar>
  );
}

interface BarProps {
  tone?: "warn" | "fail";
  icon: typeof FileDiff;
  text: string;
  detail: string;
  children: ReactNode;
}

function Bar({ tone = "warn", icon: Icon, text, detail, children }: BarProps) {
  return (
    <div
      role="status"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-sheet-sunken px-3 py-1.5"
    >
      <Icon aria-hidden size={16} className={tone === "fail" ? "text-fail" : "text-warn"} />
      <span className="min-w-0 flex-1">
        <span className="font-medium">{text}</span> <span className="text-small text-ink-soft">{detail}</span>
      </span>
      <span className="flex flex-wrap gap-2">{children}</span>
    </div>
  );
}

function sentence({ message, hint }: { message: string; hint: string }): string {
  return [message, hint].filter(Boolean).join(" ");
}
