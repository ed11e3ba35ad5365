import { CloudOff, SearchX, TriangleAlert, Unplug } from "lucide-react";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

export interface ShownProblem {
  kind: string;
  message: string;
  hint: string;
}

const icons: Record<string, typeof CloudOff> = { offline: CloudOff, unreachable: Unplug, notFound: SearchX };

export interface ProblemStateProps {
  problem: ShownProblem;
  onRetry?: () => void;
  className?: string;
}

/** A panel that could not get its content: what happened, then what to do. Being offline stays calm and grey. */
export function ProblemState({ problem, onRetry, className }: ProblemStateProps) {
  const t = useT();
  const unreachable = problem.kind === "unreachable";
  const fallback = {
    title: t(unreachable ? "problem.unreachable.title" : "problem.internal.title"),
    hint: t(unreachable ? "problem.unreachable.hint" : "problem.internal.hint"),
  };
  return (
    <EmptyState
      className={className}
      icon={icons[problem.kind] ?? TriangleAlert}
      tone={problem.kind in icons ? "quiet" : "fail"}
      title={problem.message || fallback.title}
      actions={
        onRetry && (
          <Button size="small" onPress={onRetry}>
            {t("problem.retry")}
          </Button>
        )
      }
    >
      {problem.hint || (problem.message ? undefined : fallback.hint)}
    </EmptyState>
  );
}
