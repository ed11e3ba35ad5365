/** The mark: a desk with its lamp. */
export function Mark() {
  return (
    <svg
      aria-hidden="true"
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0 text-accent"
    >
      <path d="M3.5 20.5v-16h17v16" />
      <path d="M3.5 14h17" />
      <path d="M9 14v-3.5l4-2.5" />
      <circle cx="14.2" cy="7.6" r="1.6" fill="currentColor" stroke="none" />
    </svg>
  );
}
