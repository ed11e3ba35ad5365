import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useState } from "react";
import { type Match, search } from "@/features/palette/search";
import { type PaletteEntry, usePaletteGroups } from "@/features/palette/use-entries";
import { type MessageKey, useT } from "@/i18n/use-t";
import { KeyCap } from "@/ui/key-cap";

const titles: Record<string, MessageKey> = {
  actions: "palette.actions",
  courses: "palette.courses",
  lessons: "palette.lessons",
};

/** Rows of one group shown at a time; a query narrows them long before. */
const rowsPerGroup = 8;

/** The field, the found rows and the keys. Mounted while the palette is open. */
export function PaletteBody({ close }: { close: () => void }) {
  const t = useT();
  const [query, setQuery] = useState("");
  const found = usePaletteGroups()
    .map(({ id, entries }) => ({ id, matches: search(entries, query) }))
    .filter(({ matches }) => matches.length > 0);
  const count = found.reduce((sum, { matches }) => sum + matches.length, 0);
  const run = (entry: PaletteEntry) => {
    close();
    // After the dialog has given the focus back, so that what runs may move it.
    requestAnimationFrame(() => entry.run());
  };
  return (
    <Command shouldFilter={false} loop label={t("palette.open")}>
      <div className="flex h-13 items-center gap-3 border-b border-line px-4">
        <Search aria-hidden size={16} className="text-ink-soft" />
        <Command.Input
          autoFocus
          value={query}
          onValueChange={setQuery}
          placeholder={t("palette.placeholder")}
          className="h-full min-w-0 flex-1 bg-transparent text-lead text-ink outline-none placeholder:text-ink-faint"
        />
        <span role="status" className="text-small text-ink-faint tabular">
          {query !== "" && t("palette.results", { count })}
        </span>
      </div>
      <Command.List className="max-h-[min(420px,60vh)] scroll-py-2 overflow-y-auto pb-2">
        {found.map(({ id, matches }) => (
          <Command.Group
            key={id}
            heading={t(titles[id] ?? "palette.actions")}
            className="[&_[cmdk-group-heading]]:px-4 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-small [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-ink-faint"
          >
            {matches.slice(0, rowsPerGroup).map((match) => (
              <Row
                key={match.entry.id}
                match={match}
                length={query.trim().split(/\s+/)[0]?.length ?? 0}
                run={run}
              />
            ))}
          </Command.Group>
        ))}
        {found.length === 0 && <p className="px-4 pt-4 pb-2 text-ink-soft">{t("palette.nothing")}</p>}
      </Command.List>
      <footer className="flex h-9 items-center gap-4 border-t border-line px-4 text-small text-ink-faint">
        <Legend keys={["ArrowUp", "ArrowDown"]} words={t("palette.choose")} />
        <Legend keys={["Enter"]} words={t("palette.run")} />
        <span className="flex-1" />
        <Legend keys={["Escape"]} words={t("palette.close")} />
      </footer>
    </Command>
  );
}

function Row({
  match,
  length,
  run,
}: {
  match: Match<PaletteEntry>;
  length: number;
  run: (entry: PaletteEntry) => void;
}) {
  const { entry, at } = match;
  const Icon = entry.icon;
  return (
    <Command.Item
      value={entry.id}
      onSelect={() => run(entry)}
      className="group mx-2 flex h-9 cursor-default items-center gap-3 rounded-control px-2 whitespace-nowrap data-[selected=true]:bg-sheet-selected data-[selected=true]:shadow-[inset_2px_0_0_var(--accent)]"
    >
      {Icon ? (
        <Icon aria-hidden size={16} className="text-ink-faint group-data-[selected=true]:text-accent" />
      ) : (
        <span className="w-4" />
      )}
      <span className="min-w-0 truncate">
        {at < 0 ? (
          entry.label
        ) : (
          <>
            {entry.label.slice(0, at)}
            <b className="font-strong text-accent">{entry.label.slice(at, at + length)}</b>
            {entry.label.slice(at + length)}
          </>
        )}
      </span>
      <span className="min-w-8 flex-1 truncate text-right text-small text-ink-faint">{entry.detail}</span>
      {entry.keys && <KeyCap keys={entry.keys} />}
    </Command.Item>
  );
}

function Legend({ keys, words }: { keys: string[]; words: string }) {
  return (
    <span className="flex items-center gap-1.5">
      {keys.map((each) => (
        <KeyCap key={each} keys={each} />
      ))}
      {words}
    </span>
  );
}
