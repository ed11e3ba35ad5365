import { classes } from "@/ui/classes";

export interface StampProps {
  /** Ink once the cloud agrees; pencil until then. */
  verified: boolean;
  /** Sets it with one movement. */
  fresh: boolean;
}

/** The mark of a pass: dashed for "passed here", solid for "verified". */
export function Stamp({ verified, fresh }: StampProps) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 126 126"
      width={126}
      height={126}
      fill="none"
      stroke="currentColor"
      className={classes("stamp shrink-0 text-pass", fresh && "stamp-fresh")}
    >
      <circle
        cx="63"
        cy="63"
        r="61.5"
        strokeWidth={verified ? 3 : 2}
        strokeDasharray={verified ? undefined : "6 4"}
      />
      <circle cx="63" cy="63" r="49" strokeWidth="1" />
      <path d="m47 66 12 12 22-30" strokeWidth="5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
