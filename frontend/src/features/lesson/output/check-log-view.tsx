import { ScrollText } from "lucide-react";
import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { EmptyState } from "@/ui/empty-state";
import { hasFailed } from "../checks/check-state";
import { useTestTitle } from "../checks/use-test-title";
import { ScrollRegion } from "../layout/scroll-region";
import { useShownCheck } from "../session/use-attempts";

/** Everything the shown check printed: what each failed test printed, then the log's head and tail. */
export function CheckLog() {
  const t = useT();
  const format = useFormat();
  const check = useShownCheck();
  const titleOf = useTestTitle();
  const report = check.phase.kind === "done" ? check.phase.report : undefined;
  const talking = check.rows.filter((row) => hasFailed(row) && (row.message !== "" || row.output !== ""));
  const log = report?.log;
  if (talking.length === 0 && !log?.head && !log?.tail) {
    return (
      <EmptyState className="p-5" icon={ScrollText} title={t("lesson.output.noLog")}>
        {t("lesson.output.noLogHint")}
      </EmptyState>
    );
  }
  return (
    <ScrollRegion name={t("lesson.output.checks")} className="min-h-0 flex-1 px-4 py-2">
      {talking.map((row) => (
        <div key={row.id} className="mb-4">
          <h3 className="font-strong text-fail">{titleOf(row)}</h3>
          {row.message !== "" && <Text>{row.message}</Text>}
          {row.output !== "" && (
            <>
              <p className="mt-1 text-small text-ink-faint">{t("lesson.output.printed")}</p>
              <Text>{row.output}</Text>
            </>
          )}
        </div>
      ))}
      {log?.head && <Text>{log.head}</Text>}
      {log && log.droppedBytes > 0n && (
        <p className="my-2 text-small text-ink-faint">
          {t("lesson.output.dropped", { size: format.bytes(log.droppedBytes) })}
        </p>
      )}
      {log?.tail && <Text>{log.tail}</Text>}
    </ScrollRegion>
  );
}

function Text({ children }: { children: string }) {
  return <pre className="font-code text-code break-words whitespace-pre-wrap text-code-text">{children}</pre>;
}
