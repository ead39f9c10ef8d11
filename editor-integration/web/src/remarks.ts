// What is wrong with the text, in place: the letters are underlined, and the line says what it is.

import { forEachDiagnostic, setDiagnostics, setDiagnosticsEffect, type Diagnostic as Mark } from "@codemirror/lint";
import { RangeSetBuilder, type EditorState, type Extension, type TransactionSpec } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, WidgetType, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { span } from "./places";
import type { Diagnostic } from "./protocol";

/** The longest remark at the end of a line, in characters: the whole one is in the tooltip. */
const LONGEST = 140;

class Remark extends WidgetType {
  constructor(
    private readonly text: string,
    private readonly severity: string,
  ) {
    super();
  }

  override eq(other: Remark): boolean {
    return other.text === this.text && other.severity === this.severity;
  }

  override toDOM(): HTMLElement {
    const remark = document.createElement("span");
    remark.className = `lilt-remark lilt-remark-${this.severity}`;
    // The live region says it, and the letters bear it: it need not be read with the line.
    remark.setAttribute("aria-hidden", "true");
    remark.textContent = this.text.length > LONGEST ? `${this.text.slice(0, LONGEST)}…` : this.text;
    return remark;
  }
}

function remarks(state: EditorState): DecorationSet {
  const first = new Map<number, Mark>();
  forEachDiagnostic(state, (mark, from) => {
    const line = state.doc.lineAt(from).to;
    if (!first.has(line)) first.set(line, mark);
  });
  const set = new RangeSetBuilder<Decoration>();
  for (const [at, mark] of [...first].sort(([one], [other]) => one - other)) {
    const widget = new Remark(mark.message.replaceAll("\n", " · "), mark.severity);
    set.add(at, at, Decoration.widget({ widget, side: 1 }));
  }
  return set.finish();
}

/** Shows each line's first remark at its end. */
export const remarksInPlace: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = remarks(view.state);
    }

    update(update: ViewUpdate): void {
      const changed = update.transactions.some((step) => step.effects.some((effect) => effect.is(setDiagnosticsEffect)));
      if (changed || update.docChanged) this.decorations = remarks(update.state);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** Marks what the host says about this text. */
export function mark(state: EditorState, diagnostics: readonly Diagnostic[]): TransactionSpec {
  const marks = diagnostics.map((diagnostic): Mark => {
    const help = diagnostic.help === undefined ? "" : `\n${diagnostic.help}`;
    return {
      ...span(state.doc, diagnostic),
      severity: diagnostic.severity,
      message: `${diagnostic.message}${help}`,
      source: "Lilt",
    };
  });
  return setDiagnostics(state, marks);
}
