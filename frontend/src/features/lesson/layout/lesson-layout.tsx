import { Group, Panel } from "react-resizable-panels";
import { useT } from "@/i18n/use-t";
import { PanelSheet } from "../checks/panel-sheet";
import { EditorSheet } from "../editor/editor-sheet";
import { GuidePane } from "../guide/guide-pane";
import { useLesson, useLessonState } from "../session/lesson-context";
import { FOLDED_CHECKS, PANES } from "./layout";
import { PhoneSwitch } from "./phone-switch";
import { ResizeHandle } from "./resize-handle";
import { useFold } from "./use-fold";
import { usePaneSize } from "./use-pane-size";
import { useLayoutKind } from "./use-window";

/** The sheets on the desk: lesson, code, checks. */
export function LessonLayout() {
  const kind = useLayoutKind();
  const { lesson } = useLesson();
  if (!lesson.lesson?.hasExercise) return <ReadingLayout />;
  if (kind === "phone") return <PhoneLayout />;
  return <DeskLayout key={kind === "small" ? "small" : "large"} small={kind === "small"} />;
}

/** A lesson without an exercise is a sheet to read. */
function ReadingLayout() {
  return (
    <div className="mx-auto flex min-h-0 w-full max-w-200 flex-1 flex-col px-2 pb-2">
      <GuidePane />
    </div>
  );
}

function DeskLayout({ small }: { small: boolean }) {
  const t = useT();
  const size = small ? PANES.lessonSmall : PANES.lesson;
  const pane = usePaneSize(small ? "lessonSmall" : "lesson", size);
  return (
    <Group
      id="lesson-desk"
      className="min-h-0 flex-1 px-2 pb-2"
      resizeTargetMinimumSize={{ coarse: 24, fine: 24 }}
      onLayoutChanged={(_, { isUserInteraction }) => isUserInteraction && pane.remember()}
    >
      <Panel
        id="lesson-pane"
        panelRef={pane.panelRef}
        defaultSize={pane.initial}
        minSize={size.min}
        maxSize={size.max}
        groupResizeBehavior="preserve-pixel-size"
        className="flex flex-col"
        style={{ overflow: "visible" }}
      >
        <GuidePane />
      </Panel>
      <ResizeHandle name={t("lesson.handle.lesson")} look="gap" direction="horizontal" onReset={pane.reset} />
      <Panel id="work-pane" minSize={360} className="flex flex-col" style={{ overflow: "visible" }}>
        <WorkColumn />
      </Panel>
    </Group>
  );
}

function WorkColumn() {
  const t = useT();
  const pane = usePaneSize("checks", PANES.checks);
  const fold = useFold();
  return (
    <Group
      id="lesson-work"
      orientation="vertical"
      className="min-h-0 flex-1"
      resizeTargetMinimumSize={{ coarse: 24, fine: 24 }}
      onLayoutChanged={(_, { isUserInteraction }) => isUserInteraction && pane.remember()}
    >
      <Panel id="code-pane" minSize={120} className="flex flex-col" style={{ overflow: "visible" }}>
        <EditorSheet />
      </Panel>
      <ResizeHandle name={t("lesson.handle.checks")} look="gap" direction="vertical" onReset={pane.reset} />
      <Panel
        id="checks-pane"
        panelRef={pane.panelRef}
        defaultSize={fold.initial ? FOLDED_CHECKS : pane.initial}
        minSize={PANES.checks.min}
        collapsible
        collapsedSize={FOLDED_CHECKS}
        onResize={(now) => fold.observe(now.inPixels <= FOLDED_CHECKS + 1)}
        groupResizeBehavior="preserve-pixel-size"
        className="flex flex-col"
        style={{ overflow: "visible" }}
      >
        <PanelSheet
          folded={fold.folded}
          onFold={() => {
            const panel = pane.panelRef.current;
            if (!panel?.isCollapsed()) panel?.collapse();
            else if (pane.initial > FOLDED_CHECKS) panel.resize(pane.initial);
          }}
        />
      </Panel>
    </Group>
  );
}

function PhoneLayout() {
  const pane = useLessonState((state) => state.phonePane);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2 px-2 pb-2">
      <div className="flex min-h-0 flex-1 flex-col">
        {pane === "lesson" && <GuidePane />}
        {pane === "code" && <EditorSheet />}
        {pane === "checks" && <PanelSheet folded={false} />}
      </div>
      <PhoneSwitch />
    </div>
  );
}
