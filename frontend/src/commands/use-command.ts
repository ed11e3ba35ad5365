import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import type { Command, CommandRegistry } from "@/commands/registry";

export const CommandContext = createContext<CommandRegistry | null>(null);

export function useCommandRegistry(): CommandRegistry {
  const registry = useContext(CommandContext);
  if (!registry) throw new Error("no CommandContext above this component");
  return registry;
}

/** Offers a command while the component is mounted. `run` may change on every render; it is always the latest. */
export function useCommand(command: Command): void {
  const registry = useCommandRegistry();
  const latest = useRef(command.run);
  useEffect(() => {
    latest.current = command.run;
  });
  const { id, labelKey, icon, keys, enabled, everywhere, hidden, detail } = command;
  useEffect(
    () =>
      registry.register({
        id,
        labelKey,
        icon,
        keys,
        enabled,
        everywhere,
        hidden,
        detail,
        run: () => latest.current(),
      }),
    [registry, id, labelKey, icon, keys, enabled, everywhere, hidden, detail],
  );
}

/** All commands of what is on screen, for menus and the palette. */
export function useCommands(): readonly Command[] {
  const registry = useCommandRegistry();
  return useSyncExternalStore(registry.watch, registry.snapshot);
}

/** Connects the registry to the keyboard. Used once, by the shell. */
export function useCommandKeys(registry: CommandRegistry): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.repeat || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      const inDialog = target?.closest('[role="dialog"], [role="alertdialog"]') != null;
      if (!registry.press(event, inDialog)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    // The capture phase comes before the editor and the terminal, which would take the keys for themselves.
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, [registry]);
}
