import { useTasks } from "@/api/tasks";
import { useFormat } from "@/i18n/format";
import { useT } from "@/i18n/use-t";
import { ProgressBar } from "@/ui/progress-bar";
import { Skeleton } from "@/ui/skeleton";

/** What is waited for while the environment opens: how long it may take, and how far downloads are. */
export function OpeningDetail() {
  const t = useT();
  const format = useFormat();
  const tasks = [...useTasks().values()].filter((task) => !task.ended);
  return (
    <div className="grid max-w-100 gap-3">
      <Skeleton lines={3} words={t("lesson.checks.openingHint")} />
      {tasks.map(({ taskId, subject, fraction }) => (
        <div key={taskId} className="grid gap-1 text-small text-ink-soft">
          <span className="flex justify-between gap-3">
            <span className="min-w-0 truncate">{subject}</span>
            {fraction >= 0 && <span className="tabular">{format.percent(fraction)}</span>}
          </span>
          <ProgressBar name={subject} fraction={fraction} />
        </div>
      ))}
    </div>
  );
}
