import { TransportProvider } from "@connectrpc/connect-query";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect } from "react";
import { I18nProvider } from "react-aria-components";
import { Router } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { EventHubContext } from "@/api/events";
import { TaskBoardContext } from "@/api/tasks";
import type { Services } from "@/app/services";
import { Shell } from "@/app/shell";
import { CommandContext } from "@/commands/use-command";
import { useLocale } from "@/i18n/use-t";

/** The whole frontend. Routes live in the hash, because the window's own scheme knows no other paths. */
export function App({ services }: { services: Services }) {
  const locale = useLocale();
  useEffect(() => services.start(), [services]);
  return (
    <TransportProvider transport={services.transport}>
      <QueryClientProvider client={services.queries}>
        <EventHubContext value={services.hub}>
          <TaskBoardContext value={services.tasks}>
            <CommandContext value={services.commands}>
              <I18nProvider locale={locale}>
                <Router hook={useHashLocation}>
                  <Shell />
                </Router>
              </I18nProvider>
            </CommandContext>
          </TaskBoardContext>
        </EventHubContext>
      </QueryClientProvider>
    </TransportProvider>
  );
}
