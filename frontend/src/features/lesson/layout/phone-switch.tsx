import { useT } from "@/i18n/use-t";
import { Segmented } from "@/ui/segmented";
import { CheckLine } from "../checks/check-line";
import { useLesson, useLessonState } from "../session/lesson-context";

/** On a phone one pane is on screen at a time; the result stays in sight under it. */
export function PhoneSwitch() {
  const t = useT();
  const { session } = useLesson();
  const pane = useLessonState((state) => state.phonePane);
  return (
    <div className="flex shrink-0 flex-col items-center gap-2">
      {pane !== "checks" && <CheckLine />}
      <Segmented
        name={t("lesson.panes")}
        value={pane}
        onChange={(phonePane) => session.store.setState({ phonePane })}
        segments={[
          { id: "lesson", label: t("lesson.pane.lesson") },
          { id: "code", label: t("lesson.pane.code") },
          { id: "checks", label: t("lesson.pane.checks") },
        ]}
      />
    </div>
  );
}
