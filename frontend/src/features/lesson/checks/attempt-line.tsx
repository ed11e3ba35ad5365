import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { classes } from "@/ui/classes";
import { useLayoutKind } from "../layout/use-window";
import { useAttempts, useShownCheck } from "../session/use-attempts";
import { counts } from "./check-state";
import { runnerName } from "./runner-name";
import { verdictTitle } from "./verdict-words";

/** Which attempt the panel shows: number, time, duration, and who checked it. On a small screen only the result. */
export function AttemptLine() {
  const t = useT();
  const format = useFormat();
  const kind = useLayoutKind();
  const check = useShownCheck();
  const { list, numberOf } = useAttempts();
  if (check.phase.kind !== "done") return null;
  const { report } = check.phase;
  const style = "mr-1 truncate text-small tabular";
  if (kind === "small" || kind === "phone") {
    const { failed } = counts(check);
    return (
      <span className={classes(style, failed > 0 ? "text-fail" : "text-ink-faint")}>
        {verdictTitle(report, check.rows, t)}
      </span>
    );
  }
  const number = numberOf(check.checkId);
  const attempt = list?.find((each) => each.id === check.checkId);
  const duration = Number(report.usage?.wallMs ?? 0n);
  return (
    <span className={classes(style, "text-ink-faint")}>
      {[
        number === undefined ? undefined : t("lesson.attempts.number", { number }),
        attempt && format.moment(attempt.atMs),
        duration > 0 ? format.duration(duration) : undefined,
        runnerName(report.runner, t),
      ]
        .filter(Boolean)
        .join(" · ")}
    </span>
  );
}
