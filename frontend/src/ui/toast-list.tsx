import { Info, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useT } from "@/i18n/use-t";
import { Button, IconButton } from "@/ui/button";
import { type ToastEntry, toastMs, useToasts } from "@/ui/toast-store";

const colours = { quiet: "text-ink-soft", pass: "text-pass", warn: "text-warn", fail: "text-fail" };

/** The messages on screen: one polite live region, newest last. Rendered once, by the shell. */
export function ToastList() {
  const t = useT();
  const entries = useToasts((state) => state.entries);
  return (
    <section
      aria-label={t("toast.list")}
      className="pointer-events-none fixed right-4 bottom-4 z-(--layer-toast) w-100 max-w-[calc(100vw-32px)]"
    >
      <ol aria-live="polite" aria-relevant="additions" className="grid gap-2">
        {entries.map((entry) => (
          <Toast key={entry.id} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Toast({ entry }: { entry: ToastEntry }) {
  const t = useT();
  const dismiss = useToasts((state) => state.dismiss);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(entry.id), toastMs);
    return () => clearTimeout(timer);
  }, [held, dismiss, entry.id]);
  const Icon = entry.icon ?? Info;
  return (
    <li
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex items-start gap-3 rounded-sheet border border-line-strong bg-sheet-raised py-3 pr-2 pl-4 shadow-popover"
    >
      <Icon aria-hidden size={16} className={`mt-0.5 ${colours[entry.tone ?? "quiet"]}`} />
      <div className="min-w-0 flex-1">
        <div className="font-medium">{entry.title}</div>
        {entry.detail && <div className="text-small text-ink-soft">{entry.detail}</div>}
      </div>
      {entry.action && (
        <Button
          size="small"
          onPress={() => {
            entry.action?.run();
            dismiss(entry.id);
          }}
        >
          {entry.action.label}
        </Button>
      )}
      <IconButton size="small" icon={X} name={t("toast.dismiss")} onPress={() => dismiss(entry.id)} />
    </li>
  );
}
