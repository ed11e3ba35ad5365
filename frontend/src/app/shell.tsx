import { useState } from "react";
import { useLocation } from "wouter";
import { useAppearance } from "@/app/appearance";
import { ErrorBoundary } from "@/app/error-boundary";
import { useExternalLinks } from "@/app/external-links";
import { Screens } from "@/app/screens";
import { useShellCommands } from "@/app/shell-commands";
import { ShellTopBar } from "@/app/shell-top-bar";
import { useCommandKeys, useCommandRegistry } from "@/commands/use-command";
import { AccountDialog } from "@/features/account/account-dialog";
import { Palette } from "@/features/palette/palette";
import { SettingsDialog } from "@/features/settings/settings-dialog";
import { ToastList } from "@/ui/toast-list";
import { TopBarContext, type TopBarPlace } from "@/ui/top-bar";

/** The desk: the top bar, the screen under it, and what may lie on top of both. */
export function Shell() {
  const [location] = useLocation();
  const [places, setPlaces] = useState<Record<TopBarPlace, HTMLElement | null>>({
    start: null,
    middle: null,
    end: null,
  });
  useAppearance();
  useExternalLinks();
  useCommandKeys(useCommandRegistry());
  useShellCommands();
  return (
    <TopBarContext value={places}>
      <div className="flex h-full flex-col">
        <ShellTopBar onPlaces={setPlaces} />
        <main className="flex min-h-0 flex-1 flex-col">
          <ErrorBoundary resetKey={location}>
            <Screens />
          </ErrorBoundary>
        </main>
      </div>
      <Palette />
      <SettingsDialog />
      <AccountDialog />
      <ToastList />
    </TopBarContext>
  );
}
