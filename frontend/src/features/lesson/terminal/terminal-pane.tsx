import "@xterm/xterm/css/xterm.css";
import { createClient } from "@connectrpc/connect";
import { useTransport } from "@connectrpc/connect-query";
import { SquareTerminal } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useEvent } from "@/api/events";
import { TerminalService } from "@/gen/carrel/ide/v1/terminal_service_pb";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { ProblemState } from "@/ui/problem-state";
import { Skeleton } from "@/ui/skeleton";
import { useLesson, useLessonState } from "../session/lesson-context";
import { type TerminalPhase, TerminalSession } from "./terminal-session";

/** The shell in the lesson's container. */
export function TerminalPane({ visible }: { visible: boolean }) {
  const [turn, setTurn] = useState(0);
  return <Terminal key={turn} visible={visible} onAgain={() => setTurn(turn + 1)} />;
}

function Terminal({ visible, onAgain }: { visible: boolean; onAgain: () => void }) {
  const t = useT();
  const transport = useTransport();
  const { session } = useLesson();
  const wish = useLessonState((state) => state.terminalWish);
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<TerminalSession>(undefined);
  const [phase, setPhase] = useState<TerminalPhase>({ kind: "opening" });
  const label = t("lesson.terminal.name");
  const isOpen = phase.kind === "open";

  useEvent("terminal", (event) => terminal.current?.onEvent(event));

  useEffect(() => {
    if (!place.current) return;
    const client = createClient(TerminalService, transport);
    const created = new TerminalSession(client, session.lessonId, place.current, label, setPhase);
    terminal.current = created;
    void created.open();
    const sizes = new ResizeObserver(() => created.fit());
    sizes.observe(place.current);
    const themes = new MutationObserver(() => created.retheme());
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style"] });
    return () => {
      sizes.disconnect();
      themes.disconnect();
      created.dispose();
      terminal.current = undefined;
    };
  }, [transport, session, label]);

  useEffect(() => {
    if (visible && isOpen && wish > 0) terminal.current?.focus();
  }, [visible, isOpen, wish]);

  return (
    <div className="relative min-h-0 min-w-0 flex-1">
      <div ref={place} className="absolute inset-0 py-1 pl-3" />
      {phase.kind === "opening" && (
        <div className="absolute inset-0 bg-sheet">
          <Skeleton className="max-w-100 p-4" lines={3} words={t("lesson.terminal.opening")} />
        </div>
      )}
      {phase.kind === "failed" && (
        <div className="absolute inset-0 overflow-auto bg-sheet">
          <ProblemState className="p-5" problem={phase.problem} onRetry={onAgain} />
        </div>
      )}
      {phase.kind === "ended" && (
        <div className="absolute inset-x-0 bottom-0 border-t border-line bg-sheet-sunken">
          <EmptyState
            className="p-3"
            icon={SquareTerminal}
            title={t("lesson.terminal.ended")}
            actions={
              <Button size="small" onPress={onAgain}>
                {t("lesson.terminal.again")}
              </Button>
            }
          >
            {phase.message}
          </EmptyState>
        </div>
      )}
    </div>
  );
}
