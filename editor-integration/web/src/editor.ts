// The text in the middle of the page.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, StreamLanguage } from "@codemirror/language";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { lintKeymap } from "@codemirror/lint";
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
import { look } from "./look";
import { remarksInPlace } from "./remarks";
import { say } from "./words";

export const language = new Compartment();

/** The word that this load's own styles bear. */
function nonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

/** Lua, in which what is called stands out: `play(…)`, `notes "…"`, `folk:sample {…}`. */
const lilt = StreamLanguage.define({
  ...lua,
  token(stream, state) {
    const style = lua.token(stream, state);
    return style === "variable" && stream.match(/^\s*(?:[("'{]|\[\[)/, false) ? "builtin" : style;
  },
});

/** What every editor of the page has, the projector's too. */
export const plain: Extension = [
  EditorView.cspNonce.of(nonce()),
  lineNumbers(),
  highlightSpecialChars(),
  drawSelection(),
  EditorState.allowMultipleSelections.of(true),
  EditorState.tabSize.of(2),
  indentUnit.of("  "),
  lilt,
  look,
];

/** What the instrument's editor has beside. */
export function instrument(own: Extension): Extension {
  return [
    plain,
    history(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false }),
    highlightSelectionMatches(),
    search({ top: true }),
    remarksInPlace,
    language.of([]),
    own,
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ "aria-label": say.script, spellcheck: "false", autocapitalize: "off" }),
  ];
}

const KEPT = "lilt text";

interface Kept {
  name: string | null;
  mark: string | null;
  state: unknown;
}

/** Keeps the text with its undo for a reload of this tab. */
export function keep(state: EditorState, name: string | null, mark: string | null): void {
  const kept: Kept = { name, mark, state: state.toJSON({ history: historyField }) };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // There is no room: undo does not survive a reload, the text does if it was saved.
    sessionStorage.removeItem(KEPT);
  }
}

/** What was kept before this load. */
export function kept(extensions: Extension): { name: string | null; mark: string | null; state: EditorState } | null {
  const text = sessionStorage.getItem(KEPT);
  if (text === null) return null;
  try {
    const { name, mark, state } = JSON.parse(text) as Kept;
    return { name, mark, state: EditorState.fromJSON(state, { extensions }, { history: historyField }) };
  } catch {
    // Another version of the page wrote it.
    return null;
  }
}
