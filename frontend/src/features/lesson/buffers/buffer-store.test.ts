import { describe, expect, it, vi } from "vitest";
import { fileOf, MemoryDisk, memoryShelf } from "../testing/memory-disk";
import { BufferStore } from "./buffer-store";
import { saveState } from "./save-state";

function setUp(files: Record<string, string> = { "a.py": "a", "tests/b.py": "b" }) {
  const disk = new MemoryDisk(files);
  const shelf = memoryShelf();
  return { disk, shelf, store: new BufferStore(disk, shelf) };
}

describe("BufferStore", () => {
  it("opens a file once, however often it is asked", async () => {
    const { disk, store } = setUp();
    const read = vi.spyOn(disk, "read");
    const [first, second] = await Promise.all([store.open("a.py"), store.open("a.py")]);
    expect(first).toBe(second);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("says that a file is missing", async () => {
    const { store } = setUp();
    expect(await store.open("no.py")).toEqual({ kind: "missing" });
  });

  it("gives the same views until something changes", async () => {
    const { store } = setUp();
    await store.open("a.py");
    const before = store.views();
    expect(store.views()).toBe(before);
    store.find("a.py")?.edit("more");
    expect(store.views()).not.toBe(before);
    await store.flush();
  });

  it("flushes all buffers", async () => {
    const { disk, store } = setUp();
    await Promise.all([store.open("a.py"), store.open("tests/b.py")]);
    store.find("a.py")?.edit("A");
    store.find("tests/b.py")?.edit("B");
    await expect(store.flush()).resolves.toBe(true);
    expect(Object.fromEntries(disk.files)).toEqual({ "a.py": "A", "tests/b.py": "B" });
  });

  it("looks at every open file when news names none", async () => {
    const { disk, store } = setUp();
    await Promise.all([store.open("a.py"), store.open("tests/b.py")]);
    disk.external("tests/b.py", "B");
    await store.filesChanged([]);
    expect(store.find("tests/b.py")?.currentText()).toBe("B");
  });

  it("keeps a buffer open whose typing could not be saved", async () => {
    const { disk, store } = setUp();
    await store.open("a.py");
    disk.problem = { message: "The disk is full.", hint: "" };
    store.find("a.py")?.edit("A");
    await expect(store.close("a.py")).resolves.toBe(false);
    expect(store.find("a.py")).toBeDefined();
    store.dispose();
  });

  it("forgets the buffers of a deleted folder and their drafts", async () => {
    const { shelf, store } = setUp();
    await Promise.all([store.open("a.py"), store.open("tests/b.py")]);
    store.find("tests/b.py")?.edit("B");
    store.forget("tests");
    expect([...store.views().keys()]).toEqual(["a.py"]);
    expect(shelf.drafts.size).toBe(0);
  });

  it("shelves unsaved typing when the page ends", async () => {
    const { shelf, store } = setUp();
    await store.open("a.py");
    store.find("a.py")?.edit("A");
    store.leave();
    expect(shelf.drafts.get("a.py")?.text).toBe("A");
    await store.flush();
  });

  it("shows the starter after a reset", async () => {
    const { store } = setUp();
    await store.open("a.py");
    store.replace("a.py", fileOf("starter"));
    expect(store.views().get("a.py")).toMatchObject({ phase: "clean", replaced: 1 });
  });
});

describe("saveState", () => {
  it("is saved with nothing open", () => {
    expect(saveState(new Map(), 0)).toEqual({ kind: "saved" });
  });

  it("says saving only when it takes long", async () => {
    const { store } = setUp();
    await store.open("a.py");
    store.find("a.py")?.edit("A");
    expect(saveState(store.views(), Date.now()).kind).toBe("saved");
    expect(saveState(store.views(), Date.now() + 1000).kind).toBe("saving");
    await store.flush();
  });

  it("lets a failure win over everything", async () => {
    const { disk, store } = setUp();
    await store.open("a.py");
    disk.problem = { message: "The disk is full.", hint: "" };
    store.find("a.py")?.edit("A");
    await store.flush();
    expect(saveState(store.views(), 0)).toEqual({ kind: "failed", problem: disk.problem });
    store.dispose();
  });
});
