// For a projector: the text large and read-only, with what sounds lit.

import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { byId, write } from "./dom";
import { plain } from "./editor";
import { Host } from "./host";
import { Lights, movesLights } from "./lights";
import type { HostMessage, Status } from "./protocol";
import { remarksInPlace, mark } from "./remarks";
import { settings } from "./settings";
import { Texts } from "./texts";
import { say } from "./words";

/** The largest and the smallest letters, in pixels. */
const SIZES = [54, 20] as const;

export class Stage {
  private readonly texts = new Texts();
  private readonly view: EditorView;
  private readonly lights: Lights;
  private wrong = "";

  constructor(token: string) {
    this.view = new EditorView({
      parent: byId("editor", HTMLElement),
      state: EditorState.create({
        extensions: [
          plain,
          remarksInPlace,
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": say.script, tabindex: "0" }),
          movesLights(() => this.lights),
        ],
      }),
    });
    this.lights = new Lights(this.view, (written) => this.texts.find(written));
    this.lights.offset = settings().offset;
    window.addEventListener("resize", () => this.fit());
    new Host(token, {
      welcomed: () => write(byId("connection", HTMLElement), ""),
      heard: (message) => this.hear(message),
      ended: (refused) => {
        this.lights.clear();
        write(byId("connection", HTMLElement), refused ? say.refused : say.lost);
      },
    });
  }

  private hear(message: HostMessage): void {
    if (message.type === "planned") this.lights.hear(message);
    if (message.type === "text") this.show(message.text);
    if (message.type === "status") this.status(message);
  }

  private show(text: string): void {
    const { doc } = this.view.state;
    const now = doc.toString();
    if (now !== text) {
      // Only what differs is exchanged, so that what sounds of the rest stays lit.
      let from = 0;
      const most = Math.min(now.length, text.length);
      while (from < most && now[from] === text[from]) from += 1;
      let after = 0;
      while (after < most - from && now[now.length - 1 - after] === text[text.length - 1 - after]) after += 1;
      const changes = { from, to: now.length - after, insert: text.slice(from, text.length - after) };
      const transaction = this.view.state.update({ changes });
      this.texts.change(transaction.changes.desc);
      this.view.dispatch(transaction);
      this.view.dispatch({ effects: EditorView.scrollIntoView(Math.min(from, text.length), { y: "nearest" }) });
    }
    this.texts.tell(this.view.state.doc);
    this.fit();
  }

  private status(status: Status): void {
    write(byId("playhead", HTMLElement), `${status.bar}.${Math.floor(status.beatInBar)}`);
    write(byId("tempo", HTMLElement), `${Math.round(status.tempo)} ${say.bpm}`);
    const wrong = JSON.stringify(status.lastError);
    if (wrong !== this.wrong) {
      this.wrong = wrong;
      this.view.dispatch(mark(this.view.state, status.lastError ? [status.lastError] : []));
    }
  }

  /** The letters are as large as the longest line and all lines allow. */
  private fit(): void {
    const { doc } = this.view.state;
    let longest = 24;
    for (const line of doc.iterLines()) longest = Math.max(longest, line.length);
    const wide = innerWidth / ((longest + 6) * 0.62);
    const high = innerHeight / ((doc.lines + 2) * 1.65);
    const size = Math.max(SIZES[1], Math.min(SIZES[0], wide, high));
    document.documentElement.style.setProperty("--code-size", `${size.toFixed(1)}px`);
    this.view.requestMeasure();
    this.lights.move();
  }
}
