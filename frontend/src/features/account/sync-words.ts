import {
  Clock,
  CloudCheck,
  CloudOff,
  HardDrive,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
} from "lucide-react";
import { SyncState, type SyncStatus } from "@/gen/carrel/ide/v1/sync_service_pb";
import type { Format } from "@/i18n/format";
import type { useT } from "@/i18n/use-t";

export interface SyncWords {
  icon: LucideIcon;
  /** The chip's sentence. */
  label: string;
  /** What waits, beside it. */
  waiting: string;
  /** `warn` when the person is needed, `info` while something moves. Offline is neither. */
  tone: "quiet" | "warn" | "info";
}

/** The sync chip in words. */
export function syncWords(status: SyncStatus, t: ReturnType<typeof useT>, format: Format): SyncWords {
  const waiting = status.waiting > 0 ? t("sync.waiting", { count: status.waiting }) : "";
  switch (status.state) {
    case SyncState.OFFLINE:
      return {
        icon: CloudOff,
        label:
          status.offlineSinceMs > 0n
            ? t("sync.offlineSince", { time: format.moment(status.offlineSinceMs) })
            : t("sync.offline"),
        waiting,
        tone: "quiet",
      };
    case SyncState.SYNCED:
      return { icon: CloudCheck, label: t("sync.synced"), waiting: "", tone: "quiet" };
    case SyncState.WAITING:
      return { icon: Clock, label: waiting || t("sync.waitingSoon"), waiting: "", tone: "quiet" };
    case SyncState.SYNCING:
      return { icon: RefreshCw, label: t("sync.syncing"), waiting: "", tone: "info" };
    case SyncState.REFUSED:
      return { icon: TriangleAlert, label: t("sync.refused"), waiting, tone: "warn" };
    default:
      return { icon: HardDrive, label: t("sync.signedOut"), waiting: "", tone: "quiet" };
  }
}
