import type { Element, Root } from "hast";

/** Kinds of a quotation that begins with "[!NOTE]" and the like, as on GitHub. */
export const calloutKinds = ["note", "tip", "important", "warning", "caution"] as const;
export type CalloutKind = (typeof calloutKinds)[number];

const marker = /^\s*\[!(\w+)\]\s*/;

function isElement(node: Root["children"][number] | undefined, tagName: string): node is Element {
  return node?.type === "element" && node.tagName === tagName;
}

/** A rehype plugin: marks such quotations with `data-callout` and takes the marker out. Runs after sanitizing. */
export function callouts() {
  return (tree: Root): void => {
    for (const quote of tree.children) {
      if (!isElement(quote, "blockquote")) continue;
      const paragraph = quote.children.find((child) => isElement(child, "p"));
      const first = paragraph?.type === "element" ? paragraph.children[0] : undefined;
      if (first?.type !== "text") continue;
      const kind = marker.exec(first.value)?.[1]?.toLowerCase();
      if (!calloutKinds.some((each) => each === kind)) continue;
      first.value = first.value.replace(marker, "");
      quote.properties.dataCallout = kind;
    }
  };
}
