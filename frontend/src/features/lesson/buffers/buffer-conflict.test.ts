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

describe("a conflict", () => {
  async function inConflict() {
    const all = setUp();
    all.buffer.edit("mine");
    all.disk.external(PATH, "theirs");
    await all.buffer.examine();
    return all;
  }

  it("ends with mine on disk when mine is kept", async () => {
    const { disk, buffer } = await inConflict();
    await expect(buffer.keepMine()).resolves.toBe(true);
    expect(disk.files.get(PATH)).toBe("mine");
    expect(buffer.view()).toMatchObject({ phase: "clean", theirs: undefined });
  });

  it("ends with theirs in the editor when theirs is taken", async () => {
    const { disk, buffer } = await inConflict();
    buffer.takeTheirs();
    expect(buffer.currentText()).toBe("theirs");
    expect(disk.files.get(PATH)).toBe("theirs");
    expect(buffer.view()).toMatchObject({ phase: "clean", replaced: 1 });
  });

  it("comes again when the disk changed once more before mine was written", async () => {
    const { disk, buffer } = await inConflict();
    disk.external(PATH, "theirs again");
    await expect(buffer.keepMine()).resolves.toBe(false);
    expect(buffer.view()).toMatchObject({ phase: "conflict", theirs: { text: "theirs again" } });
  });

  it("keeps later typing on the shelf", async () => {
    const { shelf, buffer } = await inConflict();
    buffer.edit("mine, longer");
    await vi.advanceTimersByTimeAsync(500);
    expect(shelf.drafts.get(PATH)?.text).toBe("mine, longer");
  });

  it("with a deleted file can bring the file back", async () => {
    const { disk, buffer } = setUp();
    buffer.edit("mine");
    disk.files.delete(PATH);
    await buffer.examine();
    expect(buffer.view().theirs).toBe("deleted");
    await buffer.keepMine();
    expect(disk.files.get(PATH)).toBe("mine");
  });
});

describe("a full disk", () => {
  const full = { message: "The disk is full.", hint: "Free some space." };

  it("is said, and the text is written once there is room", async () => {
    const { disk, buffer } = setUp();
    disk.problem = full;
    buffer.edit("two");
    await vi.advanceTimersByTimeAsync(500);
    expect(buffer.view()).toMatchObject({ phase: "failed", problem: full });
    disk.problem = undefined;
    await vi.advanceTimersByTimeAsync(2000);
    expect(disk.files.get(PATH)).toBe("two");
    expect(buffer.view()).toMatchObject({ phase: "clean", problem: undefined });
  });

  it("keeps the typing on the shelf until then", async () => {
    const { disk, shelf, buffer } = setUp();
    disk.problem = full;
    buffer.edit("two");
    await vi.advanceTimersByTimeAsync(500);
    expect(shelf.drafts.get(PATH)).toEqual({ text: "two", baseDigest: "digest:one" });
  });
});

describe("a draft from the shelf", () => {
  it("is saved when the file is still the one it is based on", async () => {
    const disk = new MemoryDisk({ [PATH]: "one" });
    const shelf = memoryShelf();
    shelf.put(PATH, { text: "one and more", baseDigest: "digest:one" });
    const buffer = new Buffer(PATH, fileOf("one"), disk, shelf, () => {});
    expect(buffer.currentText()).toBe("one and more");
    await vi.advanceTimersByTimeAsync(10);
    expect(disk.files.get(PATH)).toBe("one and more");
    expect(shelf.drafts.size).toBe(0);
  });

  it("is a conflict when the file has changed since", () => {
    const disk = new MemoryDisk({ [PATH]: "theirs" });
    const shelf = memoryShelf();
    shelf.put(PATH, { text: "mine", baseDigest: "digest:one" });
    const buffer = new Buffer(PATH, fileOf("theirs"), disk, shelf, () => {});
    expect(buffer.view()).toMatchObject({ phase: "conflict", theirs: { text: "theirs" } });
    expect(buffer.currentText()).toBe("mine");
  });
});

describe("any mix of typing, saving and foreign writes", () => {
  /** A small generator with a seed, so a failure can be played again. */
  function random(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
      return state / 4_294_967_296;
    };
  }

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "never loses the last text of either side (seed %i)",
    async (seed) => {
      const next = random(seed);
      const { disk, buffer } = setUp();
      disk.delay = seed % 3 === 0 ? 50 : 0;
      let typed = "one";
      for (let turn = 0; turn < 60; turn++) {
        const dice = next();
        if (dice < 0.5) {
          typed = `typed ${seed}.${turn}`;
          buffer.edit(typed);
        } else if (dice < 0.6) {
          disk.external(PATH, `foreign ${seed}.${turn}`);
          void buffer.examine();
        } else if (dice < 0.7) void buffer.flush();
        await vi.advanceTimersByTimeAsync(Math.floor(next() * 400));
        const { phase } = buffer.view();
        if (phase === "conflict") {
          expect(buffer.currentText()).toBe(typed);
          if (next() < 0.5) void buffer.keepMine();
          else {
            buffer.takeTheirs();
            typed = buffer.currentText();
          }
        }
      }
      await vi.advanceTimersByTimeAsync(2000);
      void buffer.examine();
      await vi.advanceTimersByTimeAsync(2000);
      if (buffer.view().phase !== "conflict") expect(buffer.currentText()).toBe(disk.files.get(PATH));
    },
  );
});
