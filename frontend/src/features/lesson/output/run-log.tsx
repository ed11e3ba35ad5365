import { useLayoutEffect, useRef } from "react";
import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { Chip } from "@/ui/chip";
import { Spinner } from "@/ui/spinner";
import { ScrollRegion } from "../layout/scroll-region";
import { useLessonState } from "../session/lesson-context";

/** Closer to the end than this means: the reader follows the output. */
const FOLLOW_PX = 24;

/** What the program printed. Scrolls with it until the reader scrolls up. */
export function RunLog() {
  const t = useT();
  const format = useFormat();
  const log = useLessonState((state) => state.run.log);
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (log.size > 0 && follows.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [log]);
  return (
    <ScrollRegion
      ref={box}
      name={t("lesson.output.program")}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
      }}
      className="min-h-0 flex-1 px-4 py-2 font-code text-code break-words whitespace-pre-wrap text-code-text"
    >
      {log.dropped > 0 && (
        <span className="block font-ui text-small text-ink-faint">
          {t("lesson.output.dropped", { size: format.bytes(log.dropped) })}
        </span>
      )}
      {log.pieces.map((piece) => (
        <span key={piece.id} className={piece.stream === "err" ? "text-fail" : undefined}>
          {piece.text}
        </span>
      ))}
    </ScrollRegion>
  );
}

/** How the run ended, in a chip. */
export function RunOutcome() {
  const t = useT();
  const phase = useLessonState((state) => state.run.phase);
  if (phase.kind === "none") return null;
  if (phase.kind !== "ended") {
    return (
      <span role="status" className="flex items-center gap-2 text-ink-soft">
        <Spinner size={14} />
        {t("lesson.output.running")}
      </span>
    );
  }
  if (phase.message !== "") return <span className="min-w-0 text-ink-soft">{phase.message}</span>;
  if (phase.limitHit !== "")
    return <Chip tone="warn">{t("lesson.output.limit", { name: phase.limitHit })}</Chip>;
  if (phase.exitCode === -1) return <Chip>{t("lesson.output.stopped")}</Chip>;
  return (
    <Chip tone={phase.exitCode === 0 ? "neutral" : "fail"}>
      {t("lesson.output.exit", { code: phase.exitCode })}
    </Chip>
  );
}
