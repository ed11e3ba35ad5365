import { Settings } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { useConnection } from "@/api/events";
import { useCommandRegistry } from "@/commands/use-command";
import { AccountMenu } from "@/features/account/account-menu";
import { SyncChip } from "@/features/account/sync-chip";
import { useT } from "@/i18n/use-t";
import { IconButton } from "@/ui/button";
import { Chip } from "@/ui/chip";
import { classes } from "@/ui/classes";
import { Mark } from "@/ui/mark";
import { doctorPath, lessonPattern, libraryPath, useIsAt } from "@/ui/routes";
import type { TopBarPlace } from "@/ui/top-bar";

export interface ShellTopBarProps {
  /** Told once where screens may put their parts. */
  onPlaces: (places: Record<TopBarPlace, HTMLElement | null>) => void;
}

/** The bar over every screen. In a lesson its middle is empty and the crumbs take the place of the menu. */
export function ShellTopBar({ onPlaces }: ShellTopBarProps) {
  const t = useT();
  const commands = useCommandRegistry();
  const inLesson = useIsAt(lessonPattern);
  const start = useRef<HTMLDivElement>(null);
  const middle = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => onPlaces({ start: start.current, middle: middle.current, end: end.current }), [onPlaces]);
  return (
    <header className="flex h-(--size-topbar) shrink-0 items-center gap-2.5 pr-2 pl-3">
      <Link
        href={libraryPath}
        aria-label={t("shell.home")}
        className="flex items-center gap-2.5 rounded-control text-lead font-strong text-ink hover:no-underline"
      >
        <Mark />
        {!inLesson && <span>Carrel</span>}
      </Link>
      {!inLesson && (
        <>
          <span className="mx-1 h-5 w-px bg-line-strong max-compact:hidden" />
          <nav aria-label={t("shell.menu")} className="flex gap-1 max-compact:hidden">
            <NavLink path={libraryPath} label={t("library.title")} />
            <NavLink path={doctorPath} label={t("doctor.title")} />
          </nav>
        </>
      )}
      <div ref={start} className="flex min-w-0 items-center gap-2.5" />
      <div ref={middle} className="flex min-w-0 flex-1 justify-center" />
      <ConnectionOrSync />
      <div ref={end} className="flex shrink-0 items-center gap-2 empty:hidden" />
      {!inLesson && (
        <>
          <IconButton
            name={t("settings.open")}
            icon={Settings}
            keys="Mod+Comma"
            onPress={() => commands.run("settings.open")}
          />
          <AccountMenu />
        </>
      )}
    </header>
  );
}

function NavLink({ path, label }: { path: string; label: string }) {
  const isHere = useIsAt(path);
  return (
    <Link
      href={path}
      aria-current={isHere ? "page" : undefined}
      className={classes(
        "flex h-8 items-center rounded-control px-3 font-medium whitespace-nowrap hover:no-underline",
        isHere
          ? "bg-desk-pressed text-ink high-contrast:ring-1 high-contrast:ring-line-strong"
          : "text-ink-soft hover:bg-sheet-hover",
      )}
    >
      {label}
    </Link>
  );
}

/** Without the local server nothing it once said about sync can be trusted. */
function ConnectionOrSync() {
  const t = useT();
  const connection = useConnection();
  if (connection === "unreachable") {
    return (
      <span role="status">
        <Chip tone="neutral">{t("shell.unreachable")}</Chip>
      </span>
    );
  }
  return <SyncChip />;
}
