const FOCUSABLE =
  '[data-pane-focus], button:not(:disabled), a[href], input, textarea, [contenteditable="true"], [tabindex]:not([tabindex="-1"])';

/**
 * Moves the focus to the next (1) or previous (-1) pane on screen: top bar, lesson, files, code, checks. Panes are the
 * page's header and everything marked with data-pane, in the order of the page.
 */
export function focusPane(direction: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>("header, [data-pane]")].filter(
    (pane) => pane.offsetParent !== null && pane.querySelector(FOCUSABLE),
  );
  const present = panes.findLastIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(Math.max(present, direction === 1 ? -1 : 0) + direction + panes.length) % panes.length];
  const target =
    next?.querySelector<HTMLElement>("[data-pane-focus]") ?? next?.querySelector<HTMLElement>(FOCUSABLE);
  target?.focus();
}
