import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fileOf, MemoryDisk, memoryShelf } from "../testing/memory-disk";
import { Buffer } from "./buffer";

const PATH = "main.py";

function setUp(text = "one") {
  const disk = new MemoryDisk({ [PATH]: text });
  const shelf = memoryShelf();
  const onChange = vi.fn();
  const buffer = new Buffer(PATH, fileOf(text), disk, shelf, onChange);
  return { disk, shelf, buffer, onChange };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("autosave", () => {
  it("saves after a pause of 300 ms", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("two");
    await vi.advanceTimersByTimeAsync(299);
    expect(disk.files.get(PATH)).toBe("one");
    await vi.advanceTimersByTimeAsync(1);
    expect(disk.files.get(PATH)).toBe("two");
    expect(buffer.view().phase).toBe("clean");
  });

  it("saves at most 500 ms after the first unsaved key while typing goes on", async () => {
    const { disk, buffer } = setUp();
    for (let key = 1; key <= 6; key++) {
      buffer.edit("x".repeat(key));
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(disk.written[0]).toBe("xxxxx");
  });

  it("saves what was typed during a slow write in a second write", async () => {
    const { disk, buffer } = setUp();
    disk.delay = 1000;
    buffer.edit("two");
    await vi.advanceTimersByTimeAsync(400);
    buffer.edit("three");
    await vi.advanceTimersByTimeAsync(5000);
    expect(disk.written).toEqual(["two", "three"]);
    expect(buffer.view().phase).toBe("clean");
  });

  it("does not touch the disk when the text is typed back", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("two");
    buffer.edit("one");
    await vi.advanceTimersByTimeAsync(1000);
    expect(disk.written).toEqual([]);
  });

  it("flush resolves when everything is on disk", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("two");
    await expect(buffer.flush()).resolves.toBe(true);
    expect(disk.files.get(PATH)).toBe("two");
  });

  it("two flushes at once write once", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("two");
    await Promise.all([buffer.flush(), buffer.flush()]);
    expect(disk.written).toEqual(["two"]);
  });
});

describe("a change on disk", () => {
  it("replaces a clean buffer silently", async () => {
    const { disk, buffer } = setUp();
    disk.external(PATH, "theirs");
    await buffer.examine();
    expect(buffer.currentText()).toBe("theirs");
    expect(buffer.view()).toMatchObject({ phase: "clean", replaced: 1 });
  });

  it("of our own making changes nothing", async () => {
    const { buffer } = setUp();
    buffer.edit("two");
    await buffer.flush();
    await buffer.examine();
    expect(buffer.view()).toMatchObject({ phase: "clean", replaced: 0 });
  });

  it("keeps both texts when the buffer has unsaved typing", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("mine");
    disk.external(PATH, "theirs");
    await buffer.examine();
    await vi.advanceTimersByTimeAsync(5000);
    expect(buffer.currentText()).toBe("mine");
    expect(disk.files.get(PATH)).toBe("theirs");
    expect(buffer.view()).toMatchObject({ phase: "conflict", theirs: { text: "theirs" } });
  });

  it("is found by the write when no news came", async () => {
    const { disk, buffer } = setUp();
    disk.external(PATH, "theirs");
    buffer.edit("mine");
    await expect(buffer.flush()).resolves.toBe(false);
    expect(disk.files.get(PATH)).toBe("theirs");
    expect(buffer.view().phase).toBe("conflict");
  });

  it("to the same text as the buffer's is no conflict", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("same");
    disk.external(PATH, "same");
    await buffer.examine();
    expect(buffer.view().phase).toBe("clean");
  });

  it("that goes away again ends the conflict and saves", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("mine");
    disk.external(PATH, "theirs");
    await buffer.examine();
    disk.external(PATH, "one");
    await buffer.examine();
    await vi.advanceTimersByTimeAsync(500);
    expect(disk.files.get(PATH)).toBe("mine");
  });

  it("during a slow write waits for the write", async () => {
    const { disk, buffer } = setUp();
    disk.delay = 100;
    buffer.edit("mine");
    const flushed = buffer.flush();
    const examined = buffer.examine();
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([flushed, examined]);
    expect(buffer.view()).toMatchObject({ phase: "clean", replaced: 0 });
  });
});
