import { Search } from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import { ariaKeys } from "@/commands/keys";
import { useCommandRegistry } from "@/commands/use-command";
import { useT } from "@/i18n/use-t";
import { KeyCap } from "@/ui/key-cap";
import { TopBarSlot } from "@/ui/top-bar";

const paletteKeys = "Mod+KeyK";

/** The library's part of the top bar: a field that is really the door to the palette. */
export function LibraryBar() {
  const t = useT();
  const commands = useCommandRegistry();
  return (
    <TopBarSlot place="middle">
      <AriaButton
        aria-keyshortcuts={ariaKeys(paletteKeys)}
        onPress={() => commands.run("palette.open")}
        className="flex h-9 w-90 min-w-9 cursor-text items-center gap-2 max-compact:ml-auto max-compact:w-9 rounded-control border border-line-control bg-sheet px-3 max-compact:px-2.5 text-left text-ink-faint data-hovered:border-ink-soft"
      >
        <Search aria-hidden size={16} />
        <span className="min-w-0 flex-1 truncate max-compact:sr-only">{t("library.search")}</span>
        <span className="max-compact:hidden">
          <KeyCap keys={paletteKeys} joined />
        </span>
      </AriaButton>
    </TopBarSlot>
  );
}
