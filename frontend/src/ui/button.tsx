import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import { ariaKeys, type Keys } from "@/commands/keys";
import { classes } from "@/ui/classes";
import { KeyCap } from "@/ui/key-cap";
import { Spinner } from "@/ui/spinner";
import { WithTooltip } from "@/ui/tooltip";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "small" | "medium" | "large";

const base =
  "inline-flex shrink-0 cursor-default items-center justify-center whitespace-nowrap rounded-control border select-none " +
  "transition-colors motion-instant data-disabled:border-line data-disabled:bg-transparent data-disabled:text-ink-disabled";

const kinds: Record<ButtonKind, string> = {
  primary:
    "border-accent bg-accent font-strong text-on-accent data-hovered:border-accent-hover data-hovered:bg-accent-hover data-pressed:bg-accent-hover",
  secondary:
    "border-line-strong bg-sheet font-medium text-ink data-hovered:bg-sheet-hover data-pressed:bg-sheet-selected",
  quiet:
    "border-transparent bg-transparent font-medium text-ink-soft data-hovered:bg-sheet-hover data-hovered:text-ink data-pressed:bg-sheet-selected data-disabled:border-transparent",
  danger:
    "border-fail-line bg-sheet font-medium text-fail data-hovered:bg-fail-tint data-pressed:bg-fail-tint",
};

const sizes: Record<ButtonSize, string> = {
  small: "h-6 gap-1 px-2 text-small",
  medium: "h-8 gap-2 px-3 text-body",
  large: "h-9 gap-2 px-3.5 text-body",
};

/** The look of a button, for links and for triggers of other libraries. */
export function buttonClass(kind: ButtonKind = "secondary", size: ButtonSize = "medium"): string {
  return classes(base, kinds[kind], sizes[size]);
}

/** React Aria passes on only the attributes it knows, and aria-keyshortcuts is not one of them. */
function withKeys(keys: Keys | undefined): AriaButtonProps["render"] {
  if (!keys) return undefined;
  return (props) => <button {...props} aria-keyshortcuts={ariaKeys(keys)} />;
}

export interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style"> {
  kind?: ButtonKind;
  size?: ButtonSize;
  icon?: LucideIcon;
  /** Shown at the end and announced; the keyboard itself is the command registry's work. */
  keys?: Keys;
  /** Turns the icon into a spinner. The label should say what is going on. */
  busy?: boolean;
  className?: string;
  children: ReactNode;
}

export function Button({
  kind = "secondary",
  size = "medium",
  icon: Icon,
  keys,
  busy = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton {...rest} render={withKeys(keys)} className={classes(buttonClass(kind, size), className)}>
      {busy ? (
        <Spinner size={size === "small" ? 14 : 16} />
      ) : (
        Icon && <Icon aria-hidden size={size === "small" ? 14 : 16} />
      )}
      {children}
      {keys && <KeyCap keys={keys} joined onAccent={kind === "primary" && !rest.isDisabled} />}
    </AriaButton>
  );
}

export interface IconButtonProps
  extends Omit<AriaButtonProps, "children" | "className" | "style" | "aria-label"> {
  /** The accessible name, shown as a tooltip. */
  name: string;
  icon: LucideIcon;
  kind?: ButtonKind;
  size?: "small" | "medium";
  keys?: Keys;
  className?: string;
}

/** A button that is only an icon; it always has a name. */
export function IconButton({
  name,
  icon: Icon,
  kind = "quiet",
  size = "medium",
  keys,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <WithTooltip text={name} keys={keys}>
      <AriaButton
        {...rest}
        aria-label={name}
        render={withKeys(keys)}
        className={classes(base, kinds[kind], size === "small" ? "size-6" : "size-8", className)}
      >
        <Icon aria-hidden size={size === "small" ? 14 : 16} />
      </AriaButton>
    </WithTooltip>
  );
}
