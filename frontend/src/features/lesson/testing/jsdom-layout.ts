// jsdom lays nothing out; CodeMirror and xterm only need to be told so.
const nowhere = () => new DOMRect(0, 0, 0, 0);
Range.prototype.getBoundingClientRect ??= nowhere;
Range.prototype.getClientRects ??= () => Object.assign([], { item: () => null }) as unknown as DOMRectList;
