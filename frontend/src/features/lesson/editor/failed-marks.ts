import { type Extension, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  GutterMarker,
  gutterLineClass,
  WidgetType,
} from "@codemirror/view";

/** A failed check that points to a line. */
export interface FailedMark {
  /** 1-based. */
  readonly line: number;
  /** The check's title for people. */
  readonly title: string;
}

class TitleWidget extends WidgetType {
  constructor(private readonly title: string) {
    super();
  }

  override eq(other: TitleWidget): boolean {
    return other.title === this.title;
  }

  override toDOM(): HTMLElement {
    const element = document.createElement("span");
    element.className = "cm-failed-title";
    element.textContent = this.title;
    return element;
  }
}

const failedGutter = new (class extends GutterMarker {
  override elementClass = "cm-failed-gutter";
})();

/** Replaces all marks of a document. */
export const setFailedMarks = StateEffect.define<readonly FailedMark[]>();

/** Marks stay on their line while the learner types; a deleted line takes its mark away. */
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    let next = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setFailedMarks)) next = decorate(transaction.state.doc, effect.value);
    }
    return next;
  },
  provide: (field) => [
    EditorView.decorations.from(field),
    gutterLineClass.compute([field], (state) => gutterOf(state.field(field))),
  ],
});

function decorate(
  doc: { lines: number; line(n: number): { from: number; to: number } },
  failed: readonly FailedMark[],
) {
  const titles = new Map<number, string[]>();
  for (const mark of failed) {
    if (mark.line < 1 || mark.line > doc.lines) continue;
    titles.set(mark.line, [...(titles.get(mark.line) ?? []), mark.title]);
  }
  const ranges = [...titles].flatMap(([number, names]) => {
    const line = doc.line(number);
    return [
      Decoration.line({ class: "cm-failed-line" }).range(line.from),
      Decoration.widget({ widget: new TitleWidget(names.join(" · ")), side: 1 }).range(line.to),
    ];
  });
  return Decoration.set(ranges, true);
}

function gutterOf(set: DecorationSet): RangeSet<GutterMarker> {
  const lines: number[] = [];
  for (const cursor = set.iter(); cursor.value; cursor.next()) {
    if (cursor.value.spec.class === "cm-failed-line") lines.push(cursor.from);
  }
  return RangeSet.of(
    lines.map((from) => failedGutter.range(from)),
    true,
  );
}

export const failedMarks: Extension = marks;
