import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { startI18n } from "@/i18n";

// A whole screen on a busy two-core machine may take a second to appear.
configure({ asyncUtilTimeout: 8_000 });

// jsdom draws nothing, so it lacks what asks about drawing.
window.matchMedia ??= (query: string) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => {},
    removeListener: () => {},
  }) as unknown as MediaQueryList;
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
// React Aria looks elements up by id; ours hold nothing that would need more than this.
globalThis.CSS ??= {} as typeof CSS;
CSS.escape ??= (text: string) => text.replace(/[^\w-]/g, (letter) => `\\${letter}`);
Element.prototype.scrollIntoView ??= () => {};

beforeEach(() => {
  startI18n("en");
  window.location.hash = "";
  window.localStorage.clear();
});

// The library only cleans up by itself when the test functions are global, and ours are imported.
afterEach(cleanup);
