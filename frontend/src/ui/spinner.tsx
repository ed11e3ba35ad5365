import { LoaderCircle } from "lucide-react";

/**
 * A turning ring; under reduced motion it becomes `words`. Beside a visible label leave `words` out, so that nothing
 * is said twice.
 */
export function Spinner({ words, size = 16 }: { words?: string; size?: number }) {
  return (
    <span className="inline-flex items-center">
      <LoaderCircle aria-hidden size={size} className="spinner-ring" />
      {words && <span className="spinner-words">{words}</span>}
    </span>
  );
}
