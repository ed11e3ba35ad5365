import type { Draft, DraftShelf } from "./disk";

/** Keeps the drafts of one lesson in the browser's storage. A full or forbidden storage is silently no shelf. */
export function storageShelf(storage: Storage, lessonId: string): DraftShelf {
  const key = (path: string) => `carrel.draft.${lessonId}.${path}`;
  return {
    put(path, draft) {
      try {
        storage.setItem(key(path), JSON.stringify(draft));
      } catch {
        // The quota is used up. The buffer itself still holds the text and says that it is not saved.
      }
    },
    find(path) {
      const found = storage.getItem(key(path));
      return found === null ? undefined : parseDraft(found);
    },
    drop(path) {
      storage.removeItem(key(path));
    },
  };
}

function parseDraft(json: string): Draft | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("text" in value) || typeof value.text !== "string") return undefined;
    if (!("baseDigest" in value) || typeof value.baseDigest !== "string") return undefined;
    return { text: value.text, baseDigest: value.baseDigest };
  } catch {
    return undefined;
  }
}
