import { Button as AriaButton } from "react-aria-components";
import { useSyncStatus } from "@/api/sync";
import { SyncDetails } from "@/features/account/sync-details";
import { syncWords } from "@/features/account/sync-words";
import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { Popover } from "@/ui/menu";

const tones = { quiet: "text-ink-soft", warn: "text-warn", info: "text-link" };

/** How this computer stands with the cloud, in the top bar. Pressing it tells more. */
export function SyncChip() {
  const t = useT();
  const format = useFormat();
  const status = useSyncStatus();
  if (!status) return null;
  const { icon: Icon, label, waiting, tone } = syncWords(status, t, format);
  return (
    <Popover
      name={t("sync.title")}
      className="w-72"
      trigger={
        <AriaButton className="flex h-8 min-w-0 shrink-0 cursor-default items-center gap-1.5 rounded-control px-2 text-small font-medium tabular data-hovered:bg-sheet-hover">
          <Icon aria-hidden size={16} className={tones[tone]} />
          <span role="status" className={classes("flex gap-1.5 whitespace-nowrap", tones[tone])}>
            <span className="max-medium:sr-only">{label}</span>
            {waiting && (
              <>
                <span aria-hidden className="text-ink-faint max-medium:hidden">
                  ·
                </span>
                <span className="text-warn max-medium:sr-only">{waiting}</span>
                <span aria-hidden className="text-warn medium:hidden">
                  {status.waiting}
                </span>
              </>
            )}
          </span>
        </AriaButton>
      }
    >
      {(close) => <SyncDetails status={status} close={close} />}
    </Popover>
  );
}
