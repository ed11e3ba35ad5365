import { FilePenLine, TriangleAlert } from "lucide-react";
import { Button as ToneButton } from "react-aria-components";
import { useT } from "@/i18n/use-t";
import { Chip, chipClass } from "@/ui/chip";
import { Spinner } from "@/ui/spinner";
import { WithTooltip } from "@/ui/tooltip";
import { useLayoutKind } from "../layout/use-window";
import { useSaveState } from "./use-save-state";

/**
 * Speaks up when typing is not on disk: the shell's chip beside it already says that work is saved. Red only here,
 * because only here work can be lost.
 */
export function SaveChip() {
  const t = useT();
  const kind = useLayoutKind();
  const state = useSaveState();
  const words = kind !== "phone" && kind !== "small";
  return (
    <span role="status" className="contents">
      {state.kind === "saving" && (
        <Chip tone="bare">
          <Spinner size={14} />
          <span className={words ? undefined : "sr-only"}>{t("lesson.save.saving")}</span>
        </Chip>
      )}
      {state.kind === "waiting" && (
        <Chip tone="warn" icon={FilePenLine}>
          <span className={words ? undefined : "sr-only"}>{t("lesson.save.waiting")}</span>
        </Chip>
      )}
      {state.kind === "failed" && (
        <WithTooltip text={[state.problem.message, state.problem.hint].filter(Boolean).join(" ")}>
          <ToneButton className={chipClass("fail")}>
            <TriangleAlert aria-hidden size={14} />
            {t("lesson.save.failed")}
          </ToneButton>
        </WithTooltip>
      )}
    </span>
  );
}
