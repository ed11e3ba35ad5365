import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type FailedMark, failedMarks, setFailedMarks } from "./failed-marks";
import { languageOf } from "./languages";
import { replacement } from "./replacement";
import { carrelTheme } from "./theme";

export interface EditorFile {
  readonly path: string;
  readonly text: string;
  readonly editable: boolean;
  /** The accessible name of the editor with this file. */
  readonly label: string;
}

export interface EditorEvents {
  onEdit(path: string, text: string): void;
  onBlur(path: string): void;
  onCursor(line: number, column: number): void;
}

/**
 * EditorHost owns the one CodeMirror view of a lesson. Each file keeps its own state (undo, selection, scroll) while
 * another one is shown.
 */
export class EditorHost {
  private readonly view: EditorView;
  private readonly states = new Map<string, EditorState>();
  private readonly scrolls = new Map<string, number>();
  private readonly language = new Compartment();
  private readonly words = new Compartment();
  private path = "";
  private marks: readonly FailedMark[] = [];
  /** The marks each file got last: given twice, they would go back to lines that have moved meanwhile. */
  private readonly marked = new Map<string, string>();
  private phrases: Record<string, string> = {};

  constructor(
    parent: HTMLElement,
    private readonly events: EditorEvents,
  ) {
    this.view = new EditorView({ parent });
  }

  /** Shows a file; its text is taken only when it was not shown before. */
  show(file: EditorFile): void {
    if (file.path === this.path) return;
    this.remember();
    this.path = file.path;
    const known = this.states.get(file.path);
    this.view.setState(known ?? this.createState(file));
    this.view.scrollDOM.scrollTop = this.scrolls.get(file.path) ?? 0;
    this.applyPhrases();
    this.applyMarks();
    this.tellCursor(this.view.state);
    if (!known) void this.loadLanguage(file.path);
  }

  /** Takes a text that came from the disk. The cursor stays, and undo brings the old text back. */
  replaceText(path: string, text: string): void {
    const state = path === this.path ? this.view.state : this.states.get(path);
    if (!state) return;
    const before = state.doc.toString();
    if (before === text) return;
    const change = { changes: replacement(before, text), userEvent: "disk" };
    if (path === this.path) this.view.dispatch(change);
    else this.states.set(path, state.update(change).state);
  }

  setMarks(marks: readonly FailedMark[]): void {
    this.marks = marks;
    this.applyMarks();
  }

  /** Translates the search panel and the announcements. */
  setPhrases(phrases: Record<string, string>): void {
    this.phrases = phrases;
    this.applyPhrases();
  }

  /** Puts the cursor on a line of the shown file and the line into the middle. */
  jump(line: number): void {
    const { doc } = this.view.state;
    const target = doc.line(Math.min(Math.max(1, line), doc.lines));
    this.view.dispatch({
      selection: { anchor: target.from + (target.text.length - target.text.trimStart().length) },
      effects: EditorView.scrollIntoView(target.from, { y: "center" }),
    });
    this.view.focus();
  }

  focus(): void {
    this.view.focus();
  }

  /** Forgets the state of a closed file. */
  forget(path: string): void {
    this.states.delete(path);
    this.scrolls.delete(path);
    this.marked.delete(path);
    if (path === this.path) this.path = "";
  }

  /** Paths that have a remembered state. */
  known(): readonly string[] {
    return [...new Set([...this.states.keys(), ...(this.path === "" ? [] : [this.path])])];
  }

  destroy(): void {
    this.view.destroy();
  }

  private remember(): void {
    if (this.path === "") return;
    this.states.set(this.path, this.view.state);
    this.scrolls.set(this.path, this.view.scrollDOM.scrollTop);
  }

  private applyMarks(): void {
    const key = JSON.stringify(this.marks);
    if (this.path === "" || this.marked.get(this.path) === key) return;
    this.marked.set(this.path, key);
    this.view.dispatch({ effects: setFailedMarks.of(this.marks) });
  }

  private applyPhrases(): void {
    if (this.path === "") return;
    this.view.dispatch({ effects: this.words.reconfigure(EditorState.phrases.of(this.phrases)) });
  }

  private async loadLanguage(path: string): Promise<void> {
    const extension = await languageOf(path)?.catch(() => undefined);
    if (!extension) return;
    const effects = this.language.reconfigure(extension);
    if (path === this.path) this.view.dispatch({ effects });
    else {
      const state = this.states.get(path);
      if (state) this.states.set(path, state.update({ effects }).state);
    }
  }

  private tellCursor(state: EditorState): void {
    const { head } = state.selection.main;
    const line = state.doc.lineAt(head);
    this.events.onCursor(line.number, head - line.from + 1);
  }

  private createState(file: EditorFile): EditorState {
    return EditorState.create({ doc: file.text, extensions: this.extensions(file) });
  }

  private extensions(file: EditorFile): Extension {
    return [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      EditorState.allowMultipleSelections.of(true),
      EditorState.tabSize.of(4),
      indentUnit.of(indentOf(file)),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion(),
      highlightSelectionMatches(),
      search({ top: true }),
      keymap.of([
        ...closeBracketsKeymap,
        ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
        ...searchKeymap,
        ...historyKeymap,
        ...completionKeymap,
        indentWithTab,
      ]),
      carrelTheme,
      failedMarks,
      this.language.of([]),
      this.words.of([]),
      EditorState.readOnly.of(!file.editable),
      EditorView.contentAttributes.of({
        "aria-label": file.label,
        spellcheck: "false",
        autocapitalize: "off",
      }),
      EditorView.updateListener.of((update) => {
        const fromDisk = update.transactions.some((transaction) => transaction.isUserEvent("disk"));
        if (update.docChanged && !fromDisk) this.events.onEdit(file.path, update.state.doc.toString());
        if (update.docChanged || update.selectionSet) this.tellCursor(update.state);
      }),
      EditorView.domEventHandlers({ blur: () => this.events.onBlur(file.path) }),
    ];
  }
}

/** Go, Makefiles and files that already use tabs are indented with tabs. */
function indentOf(file: EditorFile): string {
  if (/^\t/m.test(file.text) || /\.go$|(^|\/)Makefile$/.test(file.path)) return "\t";
  return /^ {2}\S/m.test(file.text) || /\.(json|ya?ml|[jt]sx?|css|html?|rb)$/.test(file.path) ? "  " : "    ";
}
