import { ListBox, ListBoxItem } from "react-aria-components";
import { useT } from "@/i18n/use-t";
import { useLesson } from "../session/lesson-context";
import { useShownCheck } from "../session/use-attempts";
import { hasFailed } from "./check-state";
import { TestRow } from "./test-row";
import { useTestTitle } from "./use-test-title";

/** All tests in the order they came. Arrow keys choose the one to look at. */
export function CheckList({ selected }: { selected: string | undefined }) {
  const t = useT();
  const { session } = useLesson();
  const { rows } = useShownCheck();
  const titleOf = useTestTitle();
  return (
    <ListBox
      aria-label={t("lesson.pane.checks")}
      items={rows}
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={selected === undefined ? [] : [selected]}
      onSelectionChange={(keys) => {
        const [id] = keys === "all" ? [] : [...keys];
        if (id !== undefined) session.store.setState({ chosenTest: String(id) });
      }}
      className="min-h-0 flex-1 overflow-y-auto py-2 outline-none"
    >
      {(test) => (
        <ListBoxItem
          id={test.id}
          textValue={titleOf(test)}
          className={`-outline-offset-2 data-hovered:bg-sheet-hover data-selected:bg-sheet-selected ${
            hasFailed(test)
              ? "data-selected:shadow-[inset_2px_0_0_var(--fail)]"
              : "data-selected:shadow-[inset_2px_0_0_var(--accent)]"
          }`}
        >
          <TestRow test={test} />
        </ListBoxItem>
      )}
    </ListBox>
  );
}
