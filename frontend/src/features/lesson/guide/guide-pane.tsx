import { useT } from "@/i18n/use-t";
import { Count } from "@/ui/chip";
import { Tab, TabList, TabPanel, Tabs } from "@/ui/tabs";
import { useLesson, useLessonState } from "../session/lesson-context";
import type { GuideTab } from "../session/lesson-store";
import { GuideFoot } from "./guide-foot";
import { HintsTab } from "./hints-tab";
import { QuizTab } from "./quiz-tab";
import { ResultTab } from "./result-tab";
import { TaskTab } from "./task-tab";
import { TheoryTab } from "./theory-tab";
import { useGuideTabs } from "./use-guide-tabs";

/** The sheet with the lesson's text: theory, task, hints, quiz, and the result once there is one. */
export function GuidePane() {
  const t = useT();
  const { session, lesson } = useLesson();
  const { tabs, initial } = useGuideTabs();
  const wanted = useLessonState((state) => state.guideTab);
  const shown = wanted && tabs.includes(wanted) ? wanted : initial;
  return (
    <section
      data-pane="lesson"
      aria-label={t("lesson.pane.lesson")}
      className="sheet flex min-h-0 flex-1 flex-col overflow-hidden"
    >
      <Tabs
        selectedKey={shown}
        onSelectionChange={(key) => session.store.setState({ guideTab: key as GuideTab })}
        className="flex min-h-0 flex-1 flex-col"
      >
        <div className="flex h-(--size-pane-header) shrink-0 items-center overflow-x-auto border-b border-line px-2 [scrollbar-width:none]">
          <TabList aria-label={t("lesson.pane.lesson")}>
            {tabs.map((tab) => (
              <Tab key={tab} id={tab}>
                {t(`lesson.guide.${tab}`)}
                {tab === "hints" && <Count>{lesson.hints}</Count>}
              </Tab>
            ))}
          </TabList>
        </div>
        <TabPanel id="theory" className="overflow-y-auto">
          <TheoryTab />
        </TabPanel>
        <TabPanel id="task" className="overflow-y-auto">
          <TaskTab />
        </TabPanel>
        <TabPanel id="hints" className="overflow-y-auto">
          <HintsTab />
        </TabPanel>
        <TabPanel id="quiz" className="overflow-y-auto">
          <QuizTab />
        </TabPanel>
        <TabPanel id="result" className="flex flex-col overflow-y-auto">
          <ResultTab />
        </TabPanel>
      </Tabs>
      {shown !== "result" && <GuideFoot />}
    </section>
  );
}
