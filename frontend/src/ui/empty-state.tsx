import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/ui/classes";

export interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** What to do, in a sentence or two. */
  children?: ReactNode;
  /** Small buttons. */
  actions?: ReactNode;
  /** `fail` only when work is lost or blocked; offline is never a failure. */
  tone?: "quiet" | "fail";
  /** The heading's rank among the headings around it. Default 2. */
  level?: 2 | 3;
  className?: string;
}

/** What a panel shows when it has nothing else: empty, offline or broken. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  actions,
  tone = "quiet",
  level = 2,
  className,
}: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={classes("flex flex-col items-start gap-1", className)}>
      <Icon aria-hidden size={24} className={tone === "fail" ? "text-fail" : "text-ink-faint"} />
      <Heading className="mt-1 font-strong">{title}</Heading>
      {children && <div className="text-small text-ink-soft">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}
