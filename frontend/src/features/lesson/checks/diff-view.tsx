import { useMemo } from "react";
import { useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { ScrollRegion } from "../layout/scroll-region";
import { compare, type Piece, type Row } from "./side-by-side";

/** What was expected beside what came out; words that differ are underlined. */
export function DiffView({ expected, actual }: { expected: string; actual: string }) {
  const t = useT();
  const { rows, hidden } = useMemo(() => compare(expected, actual), [expected, actual]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] overflow-hidden rounded-[8px] border border-line">
        <Side
          title={t("lesson.checks.expected")}
          rows={rows}
          pieces={(row) => row.expected}
          tint="bg-pass-tint"
        />
        <Side
          title={t("lesson.checks.actual")}
          rows={rows}
          pieces={(row) => row.actual}
          tint="bg-fail-tint"
          className="border-l border-line"
        />
      </div>
      {hidden > 0 && (
        <p className="text-small text-ink-faint">{t("lesson.checks.hiddenLines", { count: hidden })}</p>
      )}
    </div>
  );
}

interface SideProps {
  title: string;
  rows: readonly Row[];
  pieces: (row: Row) => readonly Piece[] | undefined;
  tint: string;
  className?: string;
}

function Side({ title, rows, pieces, tint, className }: SideProps) {
  return (
    <div className={classes("min-w-0", className)}>
      <div className="border-b border-line bg-sheet-sunken px-3 py-1 text-small font-medium text-ink-soft">
        {title}
      </div>
      <ScrollRegion name={title}>
        <div className="w-max min-w-full font-code text-small/5 text-code-text">
          {rows.map((row, at) => {
            const line = pieces(row);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and the list never moves
              <div key={at} className={classes("h-5 px-3 whitespace-pre", !row.same && line && tint)}>
                {line?.map((piece, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <Words key={index} piece={piece} underlined={piece.changed && !row.same} />
                ))}
              </div>
            );
          })}
        </div>
      </ScrollRegion>
    </div>
  );
}

function Words({ piece, underlined }: { piece: Piece; underlined: boolean }) {
  if (!underlined) return <span>{piece.text}</span>;
  return (
    <mark className="bg-transparent font-strong text-inherit underline decoration-1 underline-offset-3">
      {piece.text}
    </mark>
  );
}
