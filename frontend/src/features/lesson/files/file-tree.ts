import type { Entry } from "@/gen/carrel/ide/v1/workspace_service_pb";

/** One row of the file tree. */
export interface FileNode {
  /** The path again: collections of React Aria tell items apart by it. */
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly folder: boolean;
  /** Neither it nor anything in it may be changed. */
  readonly locked: boolean;
  readonly children: readonly FileNode[];
}

interface Building {
  readonly entry: Entry;
  readonly children: Building[];
}

/** Makes the tree of a flat list, folders first, then by name. */
export function fileTree(entries: readonly Entry[]): readonly FileNode[] {
  const roots: Building[] = [];
  const folders = new Map<string, Building>();
  for (const entry of [...entries].sort((a, b) => a.path.localeCompare(b.path))) {
    const node: Building = { entry, children: [] };
    const parent = folders.get(parentOf(entry.path));
    (parent?.children ?? roots).push(node);
    if (entry.folder) folders.set(entry.path, node);
  }
  return roots.map(finish).sort(byKindAndName);
}

function finish(node: Building): FileNode {
  const children = node.children.map(finish).sort(byKindAndName);
  const empty = children.length === 0;
  return {
    id: node.entry.path,
    path: node.entry.path,
    name: nameOf(node.entry.path),
    folder: node.entry.folder,
    locked: empty ? !node.entry.editable : children.every((child) => child.locked),
    children,
  };
}

function byKindAndName(a: FileNode, b: FileNode): number {
  if (a.folder !== b.folder) return a.folder ? -1 : 1;
  return a.name.localeCompare(b.name, undefined, { numeric: true });
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export type NameFault = "empty" | "unsafe" | "taken";

/** Why a new name cannot be used in a folder; undefined when it can. Names may contain slashes to make folders. */
export function nameFault(name: string, folder: string, entries: readonly Entry[]): NameFault | undefined {
  const clean = name.trim();
  if (clean === "") return "empty";
  const parts = clean.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..") || /[\\\0:*?"<>|]/.test(clean))
    return "unsafe";
  const path = joined(folder, clean).toLowerCase();
  return entries.some((entry) => entry.path.toLowerCase() === path) ? "taken" : undefined;
}
