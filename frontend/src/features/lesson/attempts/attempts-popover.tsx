import type { ReactElement } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useT } from "@/i18n/use-t";
import { popoverClass } from "@/ui/menu";
import { useLesson, useLessonState } from "../session/lesson-context";
import { AttemptList } from "./attempt-list";

/** The attempts of the lesson behind a button; Ctrl Shift H opens it as well. */
export function AttemptsPopover({ trigger }: { trigger: ReactElement }) {
  const t = useT();
  const { session } = useLesson();
  const isOpen = useLessonState((state) => state.attemptsOpen);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={(attemptsOpen) => session.store.setState({ attemptsOpen })}>
      {trigger}
      <Popover placement="bottom end" offset={6} className={popoverClass}>
        <Dialog aria-label={t("lesson.attempts")} className="w-100 max-w-[calc(100vw-32px)] p-2 outline-none">
          <h2 className="px-2 py-1 font-strong">{t("lesson.attempts")}</h2>
          <div className="max-h-100 overflow-y-auto px-2 pb-1">
            <AttemptList />
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
