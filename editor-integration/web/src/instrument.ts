// The page: the text in the middle, and everything around it.

import { ChangeSet, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { Announcer } from "./announcer";
import { askName, closers, keyList, settingsDialog } from "./dialogs";
import { byId, write } from "./dom";
import { instrument, keep, kept, language } from "./editor";
import { Folder } from "./folder";
import { Host } from "./host";
import { Language } from "./language";
import { Lights, movesLights } from "./lights";
import { Messages } from "./messages";
import { Bytes } from "./places";
import type { Command, Diagnostic, HostMessage, Status } from "./protocol";
import { mark } from "./remarks";
import { Shelf } from "./shelf";
import { Slots } from "./slots";
import { textMark, Texts } from "./texts";
import { say } from "./words";

/** A script that nobody named yet is called so where it is saved first. */
const FIRST_NAME = "song.lua";

export class Instrument {
  private readonly announcer = new Announcer(byId("live", HTMLElement));
  private readonly messages = new Messages(byId("messages", HTMLElement));
  private readonly texts = new Texts();
  private readonly folder: Folder;
  private readonly host: Host;
  private readonly language: Language;
  private readonly view: EditorView;
  private readonly scripts: Shelf;
  private readonly lessons: Shelf;
  private readonly slots: Slots;
  readonly lights: Lights;
  private file = "";
  /** The name of the script in the editor; nothing for a lesson that was not saved yet. */
  private name: string | null = null;
  private suggestion = FIRST_NAME;
  /** What stands for the text on the disk, as far as is known. */
  private onDisk: string | null = null;
  /** Saving once more writes over what somebody else wrote: what stands for that. */
  private over: string | null | undefined;
  private dirty = false;
  private version = 0;
  private recording = false;
  private playing = false;
  private wrong = "";
  private told = "";

  constructor(
    private readonly token: string,
  ) {
    const own: Extension = [
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        this.texts.change(update.changes.desc);
        this.evaluate();
        this.setDirty(true);
      }),
      movesLights(() => this.lights),
    ];
    this.extensions = instrument(own);
    const before = kept(this.extensions);
    this.view = new EditorView({
      parent: byId("editor", HTMLElement),
      state: before?.state ?? this.state(""),
    });
    this.lights = new Lights(this.view, (written) => this.texts.find(written));
    if (before) {
      this.name = before.name;
      this.onDisk = before.mark;
    }
    this.slots = new Slots(
      byId("slots", HTMLElement),
      {
        tempo: byId("tempo", HTMLElement),
        metre: byId("metre", HTMLElement),
        bar: byId("bar", HTMLElement),
        lamps: byId("lamps", HTMLElement),
      },
      (line) => this.goTo(line),
    );
    this.scripts = new Shelf(
      byId("scripts", HTMLElement),
      (entry) => void this.open({ type: "open", name: entry.name }),
      (entry) => ({ head: entry.name.replace(/\.lua$/, ""), foot: entry.title }),
    );
    this.lessons = new Shelf(
      byId("lessons", HTMLElement),
      (entry) => void this.open({ type: "lesson", name: entry.name }, entry.title),
      (entry) => ({ head: entry.title, foot: "" }),
    );
    this.wire();
    this.folder = new Folder(token, () => void this.list(before === null));
    this.language = new Language(token);
    this.host = new Host(token, {
      welcomed: (file) => this.welcomed(file),
      heard: (message) => this.hear(message),
      ended: (refused) => this.lost(refused),
    });
  }

  private readonly extensions: Extension;

  private state(doc: string): EditorState {
    return EditorState.create({ doc, extensions: this.extensions });
  }

  // The host.

  private welcomed(file: string): void {
    const again = this.file !== "";
    this.file = file;
    document.body.dataset["connection"] = "open";
    write(byId("connection", HTMLElement), say.connected);
    this.view.dispatch({ effects: language.reconfigure(this.language.of(file)) });
    this.lights.clear();
    if (again) {
      this.tell(say.back, "right");
      this.evaluate();
    } else if (this.name !== null || this.view.state.doc.length > 0) {
      // What was here before the page was loaded anew.
      this.evaluate();
    }
  }

  private lost(refused: boolean): void {
    if (document.body.dataset["connection"] === "lost") return;
    document.body.dataset["connection"] = "lost";
    const why = refused ? say.refused : say.lost;
    write(byId("connection", HTMLElement), why);
    this.tell(why, "wrong");
    this.lights.clear();
  }

  private hear(message: HostMessage): void {
    switch (message.type) {
      case "evaluated":
        if (message.version === this.version) this.evaluated(message.diagnostics);
        break;
      case "status":
        this.status(message);
        break;
      case "planned":
        this.lights.hear(message);
        break;
      case "printed":
        message.lines.forEach((line) => this.messages.add(line, "print"));
        break;
      case "rewrite":
        void this.rewrite(message);
        break;
      case "refused":
        this.tell(message.message, "wrong");
        break;
      case "goodbye":
        this.tell(say.ended(message.message), "wrong");
        break;
      case "text":
      case "welcome":
        break;
    }
  }

  /** Has the present text evaluated. */
  private evaluate(): void {
    this.texts.tell(this.view.state.doc);
    this.version = this.host.change(this.view.state.doc.toString());
  }

  private evaluated(diagnostics: readonly Diagnostic[]): void {
    const here = diagnostics.filter((one) => one.file === this.file || !one.file.startsWith("/"));
    const elsewhere = diagnostics.filter((one) => !here.includes(one));
    this.view.dispatch(mark(this.view.state, here));
    const worst = diagnostics.find((one) => one.severity === "error") ?? diagnostics[0];
    document.body.dataset["text"] = diagnostics.some((one) => one.severity === "error") ? "wrong" : "right";
    const said = worst ? say.wrong(worst.line, worst.message) : "";
    write(byId("mistake", HTMLElement), said);
    if (said !== "" && said !== this.wrong) this.announcer.say(`${said} ${say.plays}`);
    if (said === "" && this.wrong !== "") this.announcer.say(say.accepted);
    for (const one of elsewhere) this.tell(`${one.file}:${one.line}: ${one.message}`, "wrong");
    this.wrong = said;
  }

  private status(status: Status): void {
    this.slots.show(status);
    if (this.playing !== status.playing) {
      this.playing = status.playing;
      document.body.dataset["playing"] = String(status.playing);
    }
    const recording = status.recording !== undefined;
    if (recording !== this.recording) {
      this.recording = recording;
      const button = byId("record", HTMLButtonElement);
      button.setAttribute("aria-pressed", String(recording));
      this.tell(recording ? say.recording(status.recording ?? "") : say.recorded, "lilt");
    }
    const baking = status.baking.map((one) => say.baking(one.model, Math.round(one.progress * 100)));
    write(byId("sound", HTMLElement), [status.audio, ...status.midi, ...baking].join(" · "));
    void this.lookWhoseText(status.text);
  }

  /** Says once that another editor's text plays. */
  private async lookWhoseText(theirs: string | undefined): Promise<void> {
    if (theirs === undefined || theirs === this.told) return;
    const version = this.version;
    const ours = await textMark(this.view.state.doc.toString());
    // While somebody types, the status is of a text before.
    if (version !== this.version || this.view.state.doc.length === 0) return;
    const known = await Promise.resolve(this.texts.newest());
    if (ours !== theirs && known !== null && Date.now() - this.typed > 3000) {
      this.told = theirs;
      this.tell(say.otherText, "lilt");
    }
  }

  private typed = 0;

  private async rewrite({ mark, from, to, text }: HostMessage & { type: "rewrite" }): Promise<void> {
    const { doc } = this.view.state;
    const bytes = new Bytes(doc.toString());
    if ((await textMark(doc.toString())) !== mark || this.view.state.doc !== doc) return;
    this.view.dispatch({
      changes: ChangeSet.of({ from: bytes.offset(from), to: bytes.offset(to), insert: text }, doc.length),
    });
  }

  private command(command: Command): void {
    if (!this.host.command(command)) this.tell(say.lost, "wrong");
  }

  // The folder.

  private async list(openFirst: boolean): Promise<void> {
    const answer = await this.folder.ask({ type: "list" });
    if (answer.type === "failed") this.tell(answer.message, "wrong");
    if (answer.type !== "listed") return;
    this.scripts.fill(answer.scripts);
    this.lessons.fill(answer.lessons);
    if (openFirst && this.name === null && this.view.state.doc.length === 0) {
      const there = answer.scripts.some((script) => script.name === answer.playing);
      if (there) await this.open({ type: "open", name: answer.playing });
      else {
        this.suggestion = answer.playing;
        this.setName(answer.playing, null);
      }
    } else {
      // The list is new, the script is the one before: what was said of it, as that it was changed on the disk, holds.
      this.scripts.mark(this.name);
      const mark = await textMark(this.view.state.doc.toString());
      this.setDirty(mark !== this.onDisk);
    }
  }

  private async open(question: { type: "open" | "lesson"; name: string }, title = ""): Promise<void> {
    if (this.dirty && !window.confirm(say.leave(this.name ?? say.untitled))) return;
    const answer = await this.folder.ask(question);
    if (answer.type === "failed") this.tell(answer.message, "wrong");
    if (answer.type !== "text") return;
    const lesson = question.type === "lesson";
    this.suggestion = answer.name;
    this.put(answer.text, lesson ? null : answer.name, lesson ? null : answer.mark);
    this.lessons.mark(lesson ? answer.name : null);
    this.tell(lesson ? say.lesson(title) : say.opened(answer.name), "lilt");
  }

  /** Another text takes the place of the one in the editor. */
  private put(text: string, name: string | null, onDisk: string | null): void {
    this.texts.clear();
    this.lights.clear();
    this.view.setState(this.state(text));
    if (this.file !== "") this.view.dispatch({ effects: language.reconfigure(this.language.of(this.file)) });
    this.setName(name, onDisk);
    this.setDirty(name === null && text !== "");
    this.evaluate();
    this.view.focus();
  }

  private async new(): Promise<void> {
    if (this.dirty && !window.confirm(say.leave(this.name ?? say.untitled))) return;
    const name = await askName(FIRST_NAME);
    if (name === null) return;
    const there = await this.folder.ask({ type: "open", name });
    if (there.type === "text") {
      // It is there already: nothing is written over.
      this.put(there.text, name, there.mark);
      return;
    }
    this.put("", name, null);
    await this.save();
  }

  private async save(): Promise<void> {
    const name = this.name ?? (await askName(this.suggestion));
    if (name === null) return;
    const text = this.view.state.doc.toString();
    const over = this.over === undefined ? (this.name === null ? null : this.onDisk) : this.over;
    const answer = await this.folder.ask({ type: "save", name, text, over });
    this.over = undefined;
    if (answer.type === "saved") {
      this.setName(name, answer.mark);
      this.setDirty(this.view.state.doc.toString() !== text);
      this.tell(say.saved(name), "right");
      this.host.command("commit");
      await this.list(false);
    } else if (answer.type === "changed") {
      this.over = answer.mark;
      if (answer.mark === null) this.tell(say.goneFromDisk(name), "wrong");
      else this.tell(this.name === null ? say.taken(name) : say.changedOnDisk(name), "wrong");
      this.name = name;
    } else if (answer.type === "failed") {
      this.tell(answer.message, "wrong");
    }
  }

  private setName(name: string | null, onDisk: string | null): void {
    this.name = name;
    this.onDisk = onDisk;
    this.over = undefined;
    this.scripts.mark(name);
    write(byId("file", HTMLElement), name ?? say.untitled);
    document.title = `${name ?? say.untitled} – Lilt`;
  }

  private setDirty(dirty: boolean): void {
    if (dirty) this.typed = Date.now();
    if (dirty === this.dirty) return;
    this.dirty = dirty;
    byId("unsaved", HTMLElement).hidden = !dirty;
  }

  // The page itself.

  private tell(sentence: string, kind: "lilt" | "wrong" | "right"): void {
    this.messages.add(sentence, kind);
    this.announcer.say(sentence);
  }

  private goTo(line: number): void {
    const { doc } = this.view.state;
    const at = doc.line(Math.max(1, Math.min(line, doc.lines))).from;
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }

  private openStage(): void {
    window.open(`/stage#${this.token}`, "lilt stage");
  }

  private record(): void {
    this.command(this.recording ? "stopRecording" : "record");
  }

  private wire(): void {
    closers();
    const openKeys = keyList();
    const openSettings = settingsDialog(({ offset }) => {
      this.lights.offset = offset;
    });
    const actions: Record<string, () => void> = {
      play: () => this.command("commitNow"),
      hush: () => this.command("hush"),
      panic: () => this.command("panic"),
      record: () => this.record(),
      like: () => this.command("like"),
      nope: () => this.command("nope"),
      save: () => void this.save(),
      new: () => void this.new(),
      keys: openKeys,
      settings: openSettings,
      stage: () => this.openStage(),
    };
    for (const [id, act] of Object.entries(actions)) byId(id, HTMLButtonElement).addEventListener("click", act);
    const show = (list: "scripts" | "lessons"): void => {
      for (const other of ["scripts", "lessons"] as const) {
        byId(`${other}-panel`, HTMLElement).hidden = other !== list;
        byId(`${other}-tab`, HTMLButtonElement).setAttribute("aria-selected", String(other === list));
        byId(`${other}-tab`, HTMLButtonElement).tabIndex = other === list ? 0 : -1;
      }
    };
    for (const list of ["scripts", "lessons"] as const) {
      const tab = byId(`${list}-tab`, HTMLButtonElement);
      tab.addEventListener("click", () => show(list));
      tab.addEventListener("keydown", (event) => {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
        const other = list === "scripts" ? "lessons" : "scripts";
        show(other);
        byId(`${other}-tab`, HTMLButtonElement).focus();
      });
    }
    const control: Record<string, () => void> = {
      Enter: actions["play"]!,
      Period: actions["hush"]!,
      KeyS: actions["save"]!,
    };
    const alt: Record<string, () => void> = {
      KeyN: actions["new"]!,
      KeyR: actions["record"]!,
      KeyY: actions["like"]!,
      KeyX: actions["nope"]!,
      KeyP: actions["stage"]!,
      Comma: openSettings,
      Digit1: () => this.view.focus(),
      Digit2: () => {
        show("scripts");
        this.scripts.focus();
      },
      Digit3: () => {
        show("lessons");
        this.lessons.focus();
      },
      Digit4: () => byId("messages", HTMLElement).focus(),
    };
    // Before the editor and the browser see them.
    window.addEventListener(
      "keydown",
      (event) => {
        const ctrl = (event.ctrlKey || event.metaKey) && !event.altKey;
        let act: (() => void) | undefined;
        if (event.key === "F1") act = openKeys;
        else if (ctrl && event.shiftKey && event.code === "Period") act = actions["panic"];
        else if (ctrl && !event.shiftKey) act = control[event.code];
        else if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) act = alt[event.code];
        if (!act || (document.querySelector("dialog[open]") && event.key !== "F1")) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      },
      { capture: true },
    );
    window.addEventListener("pagehide", () => keep(this.view.state, this.name, this.onDisk));
    window.addEventListener("beforeunload", (event) => {
      keep(this.view.state, this.name, this.onDisk);
      if (this.dirty && document.body.dataset["connection"] === "lost") event.preventDefault();
    });
  }
}
