import type { LucideIcon } from "lucide-react";
import { type KeyPress, type Keys, matches } from "@/commands/keys";
import type { MessageKey } from "@/i18n/use-t";

/** Something a person can do, as data: the keyboard, menus, buttons and the palette all read the same object. */
export interface Command {
  /** Noun and verb, such as "lesson.check". */
  id: string;
  labelKey: MessageKey;
  icon?: LucideIcon;
  keys?: Keys;
  /** A disabled command keeps its keys, so that they never fall through to the browser. Default true. */
  enabled?: boolean;
  /** Works while a dialog is open as well. Default false. */
  everywhere?: boolean;
  /** Kept out of the palette, for commands that only make sense from the keyboard. Default false. */
  hidden?: boolean;
  /** More words at the right of the palette's row, already translated. */
  detail?: string;
  run: () => void;
}

/** The commands of what is on screen now. The newest registration of an id wins until it is taken back. */
export class CommandRegistry {
  private readonly stacks = new Map<string, Command[]>();
  private readonly listeners = new Set<() => void>();
  private current: readonly Command[] = [];

  /** Adds a command; the returned function takes it back. */
  register(command: Command): () => void {
    const stack = this.stacks.get(command.id) ?? [];
    this.stacks.set(command.id, [...stack, command]);
    this.publish();
    return () => {
      const rest = (this.stacks.get(command.id) ?? []).filter((other) => other !== command);
      if (rest.length > 0) this.stacks.set(command.id, rest);
      else this.stacks.delete(command.id);
      this.publish();
    };
  }

  find(id: string): Command | undefined {
    return this.stacks.get(id)?.at(-1);
  }

  /** Runs a command by id. Does nothing, and says false, when it is not on screen or disabled. */
  run(id: string): boolean {
    const command = this.find(id);
    if (!command || command.enabled === false) return false;
    command.run();
    return true;
  }

  /** Runs the command the key press belongs to. True means: the press is ours, enabled or not. */
  press(press: KeyPress, inDialog: boolean): boolean {
    const command = this.current.find((each) => each.keys !== undefined && matches(each.keys, press));
    if (!command || (inDialog && !command.everywhere)) return false;
    if (command.enabled !== false) command.run();
    return true;
  }

  /** For useSyncExternalStore. */
  readonly watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Commands in the order their ids first appeared. */
  readonly snapshot = (): readonly Command[] => this.current;

  private publish(): void {
    this.current = [...this.stacks.values()].flatMap((stack) => stack.slice(-1));
    for (const listener of [...this.listeners]) listener();
  }
}
