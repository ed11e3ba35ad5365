import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { EntrySchema } from "@/gen/carrel/ide/v1/workspace_service_pb";
import { fileTree, nameFault } from "./file-tree";

const file = (path: string, editable = true) => create(EntrySchema, { path, editable });
const folder = (path: string, editable = true) => create(EntrySchema, { path, folder: true, editable });

const ENTRIES = [
  file("wordfreq.py"),
  folder("tests"),
  file("tests/test_words.py", false),
  file("tests/test_order.py", false),
  folder("data"),
  file("data/hound.txt"),
];

describe("fileTree", () => {
  it("puts folders first and children under their folder", () => {
    const tree = fileTree(ENTRIES);
    expect(tree.map((node) => node.name)).toEqual(["data", "tests", "wordfreq.py"]);
    expect(tree[1]?.children.map((node) => node.name)).toEqual(["test_order.py", "test_words.py"]);
  });

  it("locks a folder in which everything is read-only", () => {
    const tree = fileTree(ENTRIES);
    expect(tree.map((node) => node.locked)).toEqual([false, true, false]);
  });

  it("sorts numbers as numbers", () => {
    const tree = fileTree([file("step10.py"), file("step9.py")]);
    expect(tree.map((node) => node.name)).toEqual(["step9.py", "step10.py"]);
  });
});

describe("nameFault", () => {
  it.each([
    { name: " ", want: "empty" },
    { name: "../secret", want: "unsafe" },
    { name: "a//b", want: "unsafe" },
    { name: "what?.py", want: "unsafe" },
    { name: "WordFreq.py", want: "taken" },
    { name: "new.py", want: undefined },
    { name: "lib/new.py", want: undefined },
  ])("of $name is $want", ({ name, want }) => {
    expect(nameFault(name, "", ENTRIES)).toBe(want);
  });

  it("looks inside the folder the name is for", () => {
    expect(nameFault("hound.txt", "data", ENTRIES)).toBe("taken");
    expect(nameFault("wordfreq.py", "data", ENTRIES)).toBeUndefined();
  });
});
