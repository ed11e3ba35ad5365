import { Button } from "react-aria-components";
import { classes } from "@/ui/classes";
import { useLesson, useLessonState } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { CheckDetail } from "./check-detail";
import { isUnderWay } from "./check-state";
import { CheckSummary } from "./check-summary";
import { OpeningDetail } from "./opening-detail";
import { selectedTest } from "./selection";
import { TestRow } from "./test-row";
import { VerdictDetail } from "./verdict-detail";

/** A ref that brings a row into sight once, when it opens. */
function intoView(row: HTMLElement | null): void {
  row?.scrollIntoView({ block: "nearest" });
}

/** On a small screen a test opens inside its row. */
export function CheckListNarrow() {
  const { session } = useLesson();
  const check = useShownCheck();
  const chosen = useLessonState((state) => state.chosenTest);
  const selected = selectedTest(check.rows, chosen);
  return (
    <div className="min-h-0 min-w-0 flex-1 overflow-y-auto">
      {check.phase.kind !== "done" && <CheckSummary />}
      {check.phase.kind === "opening" && (
        <div className="p-4">
          <OpeningDetail />
        </div>
      )}
      {!isUnderWay(check) && check.rows.length === 0 && (
        <div className="p-4">
          <VerdictDetail />
        </div>
      )}
      <ul className="py-1">
        {check.rows.map((test) => {
          const isOpen = test.id === selected?.id;
          return (
            <li key={test.id} ref={isOpen ? intoView : undefined}>
              <Button
                aria-expanded={isOpen}
                onPress={() => session.store.setState({ chosenTest: test.id })}
                className={classes(
                  "block w-full text-left -outline-offset-2 data-hovered:bg-sheet-hover",
                  isOpen && "bg-sheet-selected shadow-[inset_2px_0_0_var(--fail)]",
                )}
              >
                <TestRow test={test} />
              </Button>
              {isOpen && (
                <div className="py-2 pr-4 pl-10">
                  <CheckDetail test={test} titleHidden />
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
