import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Tab as AriaTab,
  TabList as AriaTabList,
  type TabListProps as AriaTabListProps,
  TabPanel as AriaTabPanel,
  type TabPanelProps as AriaTabPanelProps,
  type TabProps as AriaTabProps,
} from "react-aria-components";
import { classes } from "@/ui/classes";

export { Tabs } from "react-aria-components";

type Styled<P> = Omit<P, "className" | "style"> & { className?: string };

/** Stretches to the height of its row, so that the underline sits on the row's edge. */
export function TabList<T extends object>({ className, ...rest }: Styled<AriaTabListProps<T>>) {
  return <AriaTabList {...rest} className={classes("flex min-w-0 gap-0.5 self-stretch", className)} />;
}

export interface TabProps extends Omit<Styled<AriaTabProps>, "children"> {
  icon?: LucideIcon;
  children: ReactNode;
}

export function Tab({ icon: Icon, className, children, ...rest }: TabProps) {
  return (
    <AriaTab
      {...rest}
      className={classes(
        "group relative flex cursor-default items-center gap-1.5 rounded-tight px-2 font-medium whitespace-nowrap text-ink-soft -outline-offset-2 transition-colors motion-instant",
        "data-hovered:text-ink data-selected:text-ink data-disabled:text-ink-disabled",
        className,
      )}
    >
      {Icon && <Icon aria-hidden size={14} className="text-ink-faint" />}
      {children}
      <span className="absolute inset-x-2 -bottom-px h-0.5 rounded-t-tight bg-accent opacity-0 group-data-selected:opacity-100" />
    </AriaTab>
  );
}

export function TabPanel({ className, ...rest }: Styled<AriaTabPanelProps>) {
  return <AriaTabPanel {...rest} className={classes("min-h-0 flex-1 -outline-offset-2", className)} />;
}
