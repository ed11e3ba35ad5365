import { Check, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps as AriaMenuItemProps,
  Popover as AriaPopover,
  type PopoverProps as AriaPopoverProps,
  Dialog,
  DialogTrigger,
  MenuTrigger,
} from "react-aria-components";
import type { Keys } from "@/commands/keys";
import { classes } from "@/ui/classes";
import { KeyCap } from "@/ui/key-cap";

export const popoverClass =
  "min-w-44 overflow-y-auto rounded-sheet border border-line-strong bg-sheet-raised p-1 text-ink shadow-popover outline-none";

export const menuItemClass =
  "flex min-h-8 cursor-default items-start gap-3 rounded-control p-2 py-1.5 outline-none data-focused:bg-sheet-selected data-disabled:text-ink-faint";

export interface MenuItemProps extends Omit<AriaMenuItemProps, "children" | "className" | "style"> {
  label: string;
  /** A second, smaller line. */
  detail?: string;
  /** A few dim words at the end of the row. */
  note?: string;
  icon?: LucideIcon;
  keys?: Keys;
  checked?: boolean;
  danger?: boolean;
}

/** A row of a menu; its `onAction` runs it. */
export function MenuItem({ label, detail, note, icon: Icon, keys, checked, danger, ...rest }: MenuItemProps) {
  return (
    <AriaMenuItem {...rest} textValue={label} className={classes(menuItemClass, danger && "text-fail")}>
      {Icon && <Icon aria-hidden size={16} className={classes("mt-0.5", !danger && "text-ink-faint")} />}
      <span className="min-w-0 flex-1">
        <span className={classes("block", detail && "font-medium")}>{label}</span>
        {detail && <span className="block text-small text-ink-soft">{detail}</span>}
      </span>
      {note && <span className="mt-0.5 text-small text-ink-faint">{note}</span>}
      {keys && <KeyCap keys={keys} />}
      {checked && <Check aria-hidden size={16} className="mt-0.5 text-accent" />}
    </AriaMenuItem>
  );
}

export interface MenuProps {
  /** The button that opens it: a Button or IconButton. */
  trigger: ReactElement;
  /** The accessible name of the list. */
  name: string;
  placement?: AriaPopoverProps["placement"];
  /** MenuItems. */
  children: ReactNode;
}

/** A button with a menu. */
export function Menu({ trigger, name, placement = "bottom start", children }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <AriaPopover placement={placement} offset={4} className={popoverClass}>
        <AriaMenu aria-label={name} className="outline-none">
          {children}
        </AriaMenu>
      </AriaPopover>
    </MenuTrigger>
  );
}

/** A menu without its own button, for context menus: position it with `triggerRef`, open it with `isOpen`. */
export function MenuAt({
  name,
  children,
  ...popover
}: Pick<
  AriaPopoverProps,
  "triggerRef" | "isOpen" | "onOpenChange" | "placement" | "offset" | "crossOffset"
> & {
  name: string;
  children: ReactNode;
}) {
  return (
    <AriaPopover {...popover} className={popoverClass}>
      <AriaMenu aria-label={name} className="outline-none" onClose={() => popover.onOpenChange?.(false)}>
        {children}
      </AriaMenu>
    </AriaPopover>
  );
}

export interface PopoverProps {
  trigger: ReactElement;
  /** The accessible name of what opens. */
  name: string;
  placement?: AriaPopoverProps["placement"];
  className?: string;
  /** Content; the function closes the popover. */
  children: (close: () => void) => ReactNode;
}

/** A button with anything else behind it. */
export function Popover({ trigger, name, placement = "bottom end", className, children }: PopoverProps) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover placement={placement} offset={6} className={popoverClass}>
        <Dialog aria-label={name} className={classes("p-3 outline-none", className)}>
          {({ close }) => children(close)}
        </Dialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
