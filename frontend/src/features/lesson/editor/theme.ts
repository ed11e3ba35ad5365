import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Only tokens: one theme serves light, dark and contrast, and follows a change without a new editor. */
const look = EditorView.theme({
  "&": { height: "100%", color: "var(--code-text)", backgroundColor: "var(--sheet)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-code)",
    fontSize: "var(--text-code)",
    lineHeight: "var(--line-code)",
    fontVariantLigatures: "none",
  },
  ".cm-content": { padding: "8px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 16px 0 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeft: "2px solid var(--accent)", marginLeft: "-1px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--code-selection)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-tint)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--code-line-active) 60%, transparent)" },
  ".cm-gutters": {
    backgroundColor: "var(--sheet)",
    color: "var(--code-gutter)",
    border: "none",
    fontFamily: "var(--font-code)",
    fontSize: "12px",
  },
  ".cm-lineNumbers .cm-gutterElement": {
    minWidth: "44px",
    padding: "0 12px 0 20px",
    position: "relative",
    fontVariantNumeric: "tabular-nums",
  },
  ".cm-activeLineGutter": { backgroundColor: "var(--code-line-active)", color: "var(--ink-soft)" },
  ".cm-failed-line, .cm-failed-line.cm-activeLine": { backgroundColor: "var(--fail-tint)" },
  ".cm-lineNumbers .cm-failed-gutter": { backgroundColor: "var(--fail-tint)", color: "var(--fail)" },
  ".cm-failed-gutter::before": {
    content: '""',
    position: "absolute",
    left: "6px",
    top: "calc(50% - 3px)",
    width: "6px",
    height: "6px",
    borderRadius: "1px",
    transform: "rotate(45deg)",
    backgroundColor: "var(--fail)",
  },
  ".cm-failed-title": {
    fontFamily: "var(--font-ui)",
    fontSize: "12px",
    fontWeight: "500",
    color: "var(--fail)",
    marginLeft: "24px",
    whiteSpace: "nowrap",
  },
  ".cm-jumped-line": { boxShadow: "inset 2px 0 0 var(--accent)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-tint)",
    outline: "1px solid var(--accent-line)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--fail-tint)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-tint)", outline: "1px solid var(--warn-line)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-tint)", outline: "1px solid var(--accent)" },
  ".cm-panels": {
    backgroundColor: "var(--sheet-sunken)",
    color: "var(--ink)",
    borderColor: "var(--line) !important",
    fontFamily: "var(--font-ui)",
    fontSize: "var(--text-small)",
  },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 12px", lineHeight: "32px" },
  ".cm-panel.cm-search label": { fontSize: "12px", marginRight: "8px" },
  ".cm-panel.cm-search [name=close]": {
    top: "8px",
    right: "8px",
    width: "24px",
    height: "24px",
    color: "var(--ink-soft)",
  },
  ".cm-textfield": {
    height: "24px",
    padding: "0 8px",
    borderRadius: "var(--radius-control)",
    border: "1px solid var(--line-control)",
    backgroundColor: "var(--sheet)",
    color: "var(--ink)",
    fontSize: "12px",
  },
  ".cm-button": {
    height: "24px",
    padding: "0 8px",
    borderRadius: "var(--radius-control)",
    border: "1px solid var(--line-strong)",
    background: "var(--sheet)",
    color: "var(--ink)",
    fontSize: "12px",
  },
  ".cm-button:active": { background: "var(--sheet-hover)" },
  ".cm-tooltip": {
    backgroundColor: "var(--sheet-raised)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-control)",
    boxShadow: "var(--shadow-popover)",
  },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-code)", fontSize: "12px" },
  ".cm-tooltip-autocomplete > ul > li": { lineHeight: "24px", padding: "0 8px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--sheet-selected)",
    color: "var(--ink)",
  },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--sheet-sunken)",
    border: "1px solid var(--line)",
    color: "var(--ink-soft)",
  },
  ".cm-changedText, &.cm-merge-a .cm-changedText": {
    background: "none",
    textDecoration: "underline",
    textUnderlineOffset: "3px",
  },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: "var(--warn-tint)" },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: "var(--pass-tint)" },
});

const colours = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword],
    color: "var(--code-keyword)",
  },
  {
    tag: [tags.string, tags.special(tags.string), tags.character, tags.docString],
    color: "var(--code-string)",
  },
  { tag: [tags.regexp, tags.escape], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit], color: "var(--code-number)" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: "var(--code-function)",
  },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.labelName], color: "var(--code-function)" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.tagName], color: "var(--code-type)" },
  { tag: [tags.standard(tags.variableName), tags.attributeName, tags.macroName], color: "var(--code-type)" },
  {
    tag: [tags.comment, tags.lineComment, tags.blockComment],
    color: "var(--code-comment)",
    fontStyle: "italic",
  },
  { tag: [tags.punctuation, tags.bracket, tags.operator, tags.separator], color: "var(--code-punct)" },
  { tag: [tags.meta, tags.processingInstruction], color: "var(--code-comment)" },
  { tag: tags.heading, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: [tags.link, tags.url], color: "var(--code-function)", textDecoration: "underline" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.invalid, color: "var(--fail)" },
]);

export const carrelTheme: Extension = [look, syntaxHighlighting(colours)];
