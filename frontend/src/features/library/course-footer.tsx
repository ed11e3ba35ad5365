import {
  ArrowDownToLine,
  BadgeCheck,
  Cloud,
  HardDriveDownload,
  type LucideIcon,
  MonitorDown,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import { useSyncStatus } from "@/api/sync";
import { useInstall } from "@/features/library/install";
import { courseProgress } from "@/features/library/progress";
import { type CourseCard, CourseState } from "@/gen/carrel/ide/v1/library_service_pb";
import { SyncState } from "@/gen/carrel/ide/v1/sync_service_pb";
import type { CourseSummary } from "@/gen/carrel/lesson/v1/lesson_pb";
import { useFormat } from "@/i18n/format";
import { sentence } from "@/i18n/sentences";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { ProgressBar } from "@/ui/progress-bar";

export interface CourseFooterProps {
  card: CourseCard;
  course: CourseSummary;
  title: string;
}

/** The last line of a book: where it is, how big, and what to do to have it here. */
export function CourseFooter({ card, course, title }: CourseFooterProps) {
  const t = useT();
  const format = useFormat();
  const install = useInstall(course.id);
  const offline = useSyncStatus()?.state === SyncState.OFFLINE;
  const size = course.sizeBytes > 0n ? format.bytes(course.sizeBytes) : "";
  const running = install.task !== undefined && !install.task.ended;

  if (card.state === CourseState.BROKEN) {
    return (
      <Line icon={TriangleAlert} colour="text-warn">
        <span className="flex-1 py-2 text-ink">{sentence(card.message) || t("library.broken")}</span>
      </Line>
    );
  }
  if (running || card.state === CourseState.INSTALLING) {
    const fraction = install.task?.fraction ?? -1;
    return (
      <Line icon={MonitorDown} colour="text-link">
        <span className="whitespace-nowrap tabular">
          {fraction < 0
            ? t("library.downloading")
            : t("library.downloadingPart", { part: format.percent(fraction) })}
        </span>
        <ProgressBar
          className="flex-1"
          name={t("library.downloadOf", { course: title })}
          fraction={fraction}
        />
      </Line>
    );
  }
  if (card.state === CourseState.REMOTE) {
    return (
      <Line
        icon={install.failure ? TriangleAlert : Cloud}
        colour={install.failure ? "text-warn" : "text-ink-faint"}
      >
        <span className="min-w-0 flex-1 py-1">
          {install.failure || (size ? t("library.needs", { size }) : t("library.inCloud"))}
        </span>
        <Button
          size="small"
          icon={ArrowDownToLine}
          isDisabled={offline || install.isStarting}
          onPress={install.start}
          aria-label={t("library.downloadOf", { course: title })}
        >
          {t(offline ? "library.whenOnline" : "library.download")}
        </Button>
      </Line>
    );
  }
  const { verified } = courseProgress(card);
  return (
    <Line
      icon={verified ? BadgeCheck : card.readyOffline ? HardDriveDownload : Cloud}
      colour={verified || card.readyOffline ? "text-pass" : "text-ink-faint"}
    >
      <span className="flex-1">
        {t(
          verified
            ? "library.finished"
            : card.readyOffline
              ? "library.readyOffline"
              : "library.needsDownload",
        )}
      </span>
      <span className="pr-2 text-ink-faint tabular">{size}</span>
    </Line>
  );
}

function Line({ icon: Icon, colour, children }: { icon: LucideIcon; colour: string; children: ReactNode }) {
  return (
    <footer className="relative z-1 flex min-h-11 items-center gap-2 border-t border-line pr-2 pl-4 text-small text-ink-soft">
      <Icon aria-hidden size={14} className={colour} />
      {children}
    </footer>
  );
}
