import { createClient, type Transport } from "@connectrpc/connect";
import type { QueryClient } from "@tanstack/react-query";
import { EventHub } from "@/api/event-hub";
import { bindQueriesToEvents, invalidate } from "@/api/events";
import { createQueryClient } from "@/api/queries";
import { TaskBoard } from "@/api/tasks";
import { CommandRegistry } from "@/commands/registry";
import { EventService } from "@/gen/carrel/ide/v1/event_service_pb";

/** Everything that lives as long as the page. */
export interface Services {
  transport: Transport;
  queries: QueryClient;
  hub: EventHub;
  tasks: TaskBoard;
  commands: CommandRegistry;
  /** Starts the event loop; the returned function stops it. */
  start: () => () => void;
}

export function createServices(transport: Transport): Services {
  const queries = createQueryClient();
  const hub = new EventHub({
    client: createClient(EventService, transport),
    onGap: () => invalidate(queries),
  });
  const tasks = new TaskBoard();
  return {
    transport,
    queries,
    hub,
    tasks,
    commands: new CommandRegistry(),
    start() {
      const stop = new AbortController();
      const unfollow = [tasks.follow(hub), bindQueriesToEvents(hub, queries)];
      void hub.run(stop.signal);
      return () => {
        stop.abort();
        for (const each of unfollow) each();
      };
    },
  };
}
