import { type Tag, tags } from "@lezer/highlight";

export interface TokenColour {
  readonly tag: readonly Tag[];
  /** Name of the token that holds the colour. */
  readonly token: string;
  readonly italic?: boolean;
}

/** Which parts of code have which colour, for the editor and for code in the lesson's text alike. */
export const TOKEN_COLOURS: readonly TokenColour[] = [
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword], token: "--code-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.character, tags.docString], token: "--code-string" },
  { tag: [tags.regexp, tags.escape], token: "--code-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit], token: "--code-number" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], token: "--code-function" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.labelName], token: "--code-function" },
  { tag: [tags.link, tags.url], token: "--code-function" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.tagName], token: "--code-type" },
  { tag: [tags.standard(tags.variableName), tags.attributeName, tags.macroName], token: "--code-type" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], token: "--code-comment", italic: true },
  { tag: [tags.punctuation, tags.bracket, tags.operator, tags.separator], token: "--code-punct" },
  { tag: [tags.meta, tags.processingInstruction], token: "--code-comment" },
  { tag: [tags.heading], token: "--code-keyword" },
  { tag: [tags.invalid], token: "--fail" },
];
