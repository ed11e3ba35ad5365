import { Group, Panel } from "react-resizable-panels";
import { useLayoutValue } from "@/api/layout";
import { useT } from "@/i18n/use-t";
import { FilePanel } from "../files/file-panel";
import { PANES } from "../layout/layout";
import { ResizeHandle } from "../layout/resize-handle";
import { usePaneSize } from "../layout/use-pane-size";
import { useLayoutKind } from "../layout/use-window";
import { EditorPane } from "./editor-pane";

/** The sheet with the learner's files and the code. */
export function EditorSheet() {
  const t = useT();
  const kind = useLayoutKind();
  const roomy = kind === "large" || kind === "wide";
  // Below 1280 the code comes first and the tree starts folded; each width remembers its own fold.
  const [folded, setFolded] = useLayoutValue<boolean>(
    roomy ? "lesson.filesFolded" : "lesson.filesFolded.narrow",
    !roomy,
  );
  const pane = usePaneSize("files", PANES.files);
  return (
    <section aria-label={t("lesson.pane.code")} className="sheet flex min-h-0 flex-1 overflow-hidden">
      <Group
        id="lesson-editor"
        className="min-h-0 flex-1"
        resizeTargetMinimumSize={{ coarse: 24, fine: 12 }}
        onLayoutChanged={(_, { isUserInteraction }) => isUserInteraction && pane.remember()}
      >
        {!folded && (
          <>
            <Panel
              id="files-pane"
              panelRef={pane.panelRef}
              defaultSize={pane.initial}
              minSize={PANES.files.min}
              maxSize={PANES.files.max}
              groupResizeBehavior="preserve-pixel-size"
              className="flex flex-col bg-sheet-sunken"
            >
              <FilePanel onFold={() => setFolded(true)} />
            </Panel>
            <ResizeHandle
              name={t("lesson.handle.files")}
              look="hairline"
              direction="horizontal"
              onReset={pane.reset}
            />
          </>
        )}
        <Panel id="editor-pane" minSize={200} className="flex flex-col">
          <EditorPane filesFolded={folded} onUnfoldFiles={() => setFolded(false)} />
        </Panel>
      </Group>
    </section>
  );
}
