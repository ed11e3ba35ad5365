import { ChevronDown, ChevronUp } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { Count } from "@/ui/chip";
import { classes } from "@/ui/classes";
import { Skeleton } from "@/ui/skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import { OutputTab } from "../output/output-tab";
import { useLesson, useLessonState } from "../session/lesson-context";
import type { PanelTab } from "../session/lesson-store";
import { useShownCheck } from "../session/use-attempts";
import { AttemptLine } from "./attempt-line";
import { counts, isUnderWay } from "./check-state";
import { ChecksTab } from "./checks-tab";

const TerminalPane = lazy(() =>
  import("../terminal/terminal-pane").then((module) => ({ default: module.TerminalPane })),
);

export interface PanelSheetProps {
  /** Only the header is visible. */
  folded: boolean;
  /** Absent where the panel cannot fold. */
  onFold?: () => void;
}

/** The sheet below the code: checks, terminal, output. It never covers the code. */
export function PanelSheet({ folded, onFold }: PanelSheetProps) {
  const t = useT();
  const { session } = useLesson();
  const tab = useLessonState((state) => state.panelTab);
  const [terminalWanted, setTerminalWanted] = useState(false);
  // Once opened, the terminal stays on the page, so that switching tabs loses neither scroll nor focus.
  if (tab === "terminal" && !terminalWanted) setTerminalWanted(true);
  return (
    <section
      data-pane="checks"
      aria-label={t("lesson.pane.checks")}
      className="sheet flex min-h-0 flex-1 overflow-hidden"
    >
      <Tabs
        selectedKey={tab}
        onSelectionChange={(key) => {
          session.store.setState({ panelTab: key as PanelTab });
          if (folded) onFold?.();
        }}
        className="flex min-h-0 min-w-0 flex-1 flex-col"
      >
        <div
          className={classes(
            "flex h-(--size-pane-header) shrink-0 items-center gap-1 px-2",
            !folded && "border-b border-line",
          )}
        >
          <TabList aria-label={t("lesson.panel")}>
            <Tab id="checks">
              {t("lesson.panel.checks")}
              <ChecksCount />
            </Tab>
            <Tab id="terminal">{t("lesson.panel.terminal")}</Tab>
            <Tab id="output">{t("lesson.panel.output")}</Tab>
          </TabList>
          <span className="min-w-0 flex-1" />
          <AttemptLine />
          {onFold && (
            <IconButton
              size="small"
              name={t(folded ? "lesson.panel.show" : "lesson.panel.hide")}
              icon={folded ? ChevronUp : ChevronDown}
              onPress={onFold}
            />
          )}
        </div>
        <TabPanel id="checks" className="flex min-h-0">
          <ChecksTab />
        </TabPanel>
        <TabPanel id="terminal" shouldForceMount className="relative flex min-h-0 data-inert:hidden">
          {terminalWanted && (
            <Suspense fallback={<Skeleton className="p-4" lines={3} />}>
              <TerminalPane visible={tab === "terminal" && !folded} />
            </Suspense>
          )}
        </TabPanel>
        <TabPanel id="output" className="flex min-h-0 flex-col">
          <OutputTab />
        </TabPanel>
      </Tabs>
    </section>
  );
}

function ChecksCount() {
  const check = useShownCheck();
  const { failed, passed } = counts(check);
  if (failed > 0) return <Count tone="fail">{failed}</Count>;
  return passed > 0 && !isUnderWay(check) ? <Count tone="pass">{passed}</Count> : null;
}
