import { type Keys, keyCaps } from "@/commands/keys";
import { classes } from "@/ui/classes";

/** One or more key caps. `joined` shows the whole shortcut in one cap, as buttons do. */
export function KeyCap({
  keys,
  joined = false,
  onAccent = false,
}: {
  keys: Keys;
  joined?: boolean;
  onAccent?: boolean;
}) {
  const caps = keyCaps(keys);
  const style = classes(
    "rounded-tight border px-1 font-ui text-micro font-medium whitespace-nowrap",
    onAccent ? "border-current/35 text-on-accent" : "border-line-strong bg-sheet-sunken text-ink-soft",
  );
  return (
    <span className="inline-flex items-center gap-1" aria-hidden="true">
      {(joined ? [caps.join(" ")] : caps).map((cap) => (
        <kbd key={cap} className={style}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
