// What sounds is lit: rectangles under the letters, outside of the text itself, so that neither the text's own layout nor
// undo nor a screen reader has to do with them.

import { EditorSelection } from "@codemirror/state";
import { EditorView, RectangleMarker, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Planned, Written } from "./protocol";
import { HostClock, Schedule } from "./schedule";

/** What is drawn now is seen about a frame later, in milliseconds. */
const SEEN = 8;
/** With less motion a word stays lit so long at least, in milliseconds: nothing blinks more than thrice a second. */
const HELD = 340;
/** How long a light takes to go, in milliseconds, as the style sheet says. */
const FADE = 220;

interface Light {
  from: number;
  to: number;
  boxes: HTMLElement[];
  /** Since when it is to be dark, in milliseconds of this page. */
  dark: number | null;
}

/** Where something that was written stands in the editor. */
export type Find = (written: Written) => { from: number; to: number } | null;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Lights {
  private readonly schedule = new Schedule();
  private readonly clock = new HostClock();
  private readonly layer = document.createElement("div");
  private readonly lights = new Map<string, Light>();
  private frame = 0;
  private moved = false;
  /** By how much lights come later than the host says, in milliseconds. */
  offset = 0;
  /** Told of each light that goes on: for measurements. */
  onLit: ((from: number, to: number) => void) | null = null;

  constructor(
    private readonly view: EditorView,
    private readonly find: Find,
  ) {
    this.layer.className = "lilt-lights";
    this.layer.setAttribute("aria-hidden", "true");
    view.scrollDOM.append(this.layer);
  }

  hear(planned: Planned): void {
    this.clock.hear(planned.now, performance.now());
    this.schedule.take(planned);
    this.wake();
  }

  /** The text or its place changed. */
  move(): void {
    this.moved = true;
    if (this.lights.size > 0) this.wake();
  }

  /** All goes dark at once: another text, or another host. */
  clear(): void {
    this.schedule.clear();
    for (const light of this.lights.values()) light.boxes.forEach((box) => box.remove());
    this.lights.clear();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.layer.remove();
  }

  private wake(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame((time) => this.draw(time));
  }

  private draw(time: number): void {
    this.frame = 0;
    const second = this.clock.second(performance.now() + SEEN - this.offset);
    const wanted = new Map<string, { from: number; to: number }>();
    for (const written of second === null ? [] : this.schedule.at(second)) {
      const place = this.find(written);
      if (place) wanted.set(`${place.from}-${place.to}`, place);
    }
    if (this.moved) {
      // Where the letters stand is asked anew.
      this.moved = false;
      for (const light of this.lights.values()) light.boxes.forEach((box) => box.remove());
      const old = [...this.lights.values()];
      this.lights.clear();
      for (const light of old) {
        const key = `${light.from}-${light.to}`;
        if (wanted.has(key)) this.lights.set(key, { ...light, boxes: this.boxes(light.from, light.to) });
      }
    }
    for (const [key, place] of wanted) {
      const light = this.lights.get(key);
      if (light) {
        light.dark = null;
        light.boxes.forEach((box) => box.classList.remove("going"));
      } else {
        this.lights.set(key, { ...place, boxes: this.boxes(place.from, place.to), dark: null });
        this.onLit?.(place.from, place.to);
      }
    }
    for (const [key, light] of this.lights) {
      if (wanted.has(key)) continue;
      light.dark ??= time;
      const held = calm.matches ? HELD : 0;
      if (time - light.dark >= held) light.boxes.forEach((box) => box.classList.add("going"));
      if (time - light.dark >= held + FADE) {
        light.boxes.forEach((box) => box.remove());
        this.lights.delete(key);
      }
    }
    if (!this.schedule.empty || this.lights.size > 0) this.wake();
  }

  private boxes(from: number, to: number): HTMLElement[] {
    const { doc } = this.view.state;
    if (from >= to || to > doc.length) return [];
    // A call of many lines is marked where it begins.
    const end = Math.min(to, doc.lineAt(from).to);
    const markers = RectangleMarker.forRange(this.view, "lilt-light", EditorSelection.range(from, end));
    return markers.map((marker) => {
      const box = marker.draw();
      this.layer.append(box);
      return box;
    });
  }
}

/** Tells the lights of an editor when its letters move. */
export function movesLights(lights: () => Lights | null) {
  return ViewPlugin.define(() => ({
    update(update: ViewUpdate) {
      if (update.docChanged || update.geometryChanged || update.viewportChanged) lights()?.move();
    },
  }));
}
