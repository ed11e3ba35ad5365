import { TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useT } from "@/i18n/use-t";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

interface Props {
  /** A new value tries again, so that going to another screen leaves the trouble behind. */
  resetKey: string;
  children: ReactNode;
}

/** Catches what a screen throws while drawing and says so calmly. Files are on disk and not touched by it. */
export class ErrorBoundary extends Component<Props, { error: unknown; failed: boolean }> {
  override state = { error: undefined, failed: false };

  static getDerivedStateFromError(error: unknown) {
    return { error, failed: true };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.failed && before.resetKey !== this.props.resetKey) this.reset();
  }

  private readonly reset = () => this.setState({ error: undefined, failed: false });

  override render() {
    return this.state.failed ? <Fallen onRetry={this.reset} /> : this.props.children;
  }
}

function Fallen({ onRetry }: { onRetry: () => void }) {
  const t = useT();
  return (
    <div className="sheet m-2 grid flex-1 place-items-center p-6" role="alert">
      <EmptyState
        icon={TriangleAlert}
        title={t("crash.title")}
        actions={
          <>
            <Button size="small" onPress={onRetry}>
              {t("crash.retry")}
            </Button>
            <Button size="small" kind="quiet" onPress={() => window.location.reload()}>
              {t("crash.reload")}
            </Button>
          </>
        }
      >
        {t("crash.text")}
      </EmptyState>
    </div>
  );
}
