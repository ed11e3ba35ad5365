import { Separator } from "react-resizable-panels";
import { classes } from "@/ui/classes";

export interface ResizeHandleProps {
  /** The accessible name. */
  name: string;
  /** `gap` is the space between two sheets, `hairline` the line between the files and the code. */
  look: "gap" | "hairline";
  direction: "horizontal" | "vertical";
  /** A double click restores the default size. */
  onReset: () => void;
}

/** The space between two panes, which is also the handle. */
export function ResizeHandle({ name, look, direction, onReset }: ResizeHandleProps) {
  const size = { horizontal: { gap: "w-2", hairline: "w-px" }, vertical: { gap: "h-2", hairline: "h-px" } };
  return (
    <Separator
      aria-label={name}
      disableDoubleClick
      onDoubleClick={onReset}
      className={classes(
        "relative shrink-0 rounded-round transition-colors motion-instant focus-visible:outline-2 focus-visible:outline-focus",
        size[direction][look],
        look === "hairline"
          ? "bg-line data-[separator=active]:bg-accent"
          : "data-[separator=active]:bg-accent-line",
      )}
    />
  );
}
