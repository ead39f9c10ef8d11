// What plays, slot by slot, and the playhead over it.

import { element, write } from "./dom";
import type { Slot, Status } from "./protocol";
import { say } from "./words";

interface Card {
  root: HTMLElement;
  name: HTMLElement;
  playing: HTMLElement;
  rung: HTMLElement;
  level: HTMLElement;
}

/** The readouts and the cards. Nothing here changes the layout while only the playhead moves. */
export class Slots {
  private readonly cards = new Map<string, Card>();
  private status: Status | null = null;
  private since = 0;
  private frame = 0;
  private lamps = 0;

  constructor(
    private readonly list: HTMLElement,
    private readonly readout: { tempo: HTMLElement; metre: HTMLElement; bar: HTMLElement; lamps: HTMLElement },
    private readonly go: (line: number) => void,
  ) {}

  show(status: Status): void {
    this.status = status;
    this.since = performance.now();
    write(this.readout.tempo, status.tempo.toFixed(status.tempo % 1 === 0 ? 0 : 1));
    write(this.readout.metre, status.meter);
    const names = new Set(status.slots.map((slot) => slot.name));
    for (const [name, card] of this.cards) {
      if (!names.has(name)) {
        card.root.remove();
        this.cards.delete(name);
      }
    }
    status.slots.forEach((slot, at) => {
      const card = this.card(slot);
      if (this.list.children[at] !== card.root) this.list.insertBefore(card.root, this.list.children[at] ?? null);
      this.fill(card, slot);
    });
    this.list.classList.toggle("empty", status.slots.length === 0);
    if (this.frame === 0 && status.playing) this.frame = requestAnimationFrame(() => this.move());
    if (!status.playing) this.place(status.bar, status.beatInBar);
  }

  private card(slot: Slot): Card {
    const known = this.cards.get(slot.name);
    if (known) return known;
    const root = element("li", "slot");
    const button = element("button", "slot-button");
    button.type = "button";
    const name = element("span", "slot-name", slot.name);
    const playing = element("span", "slot-playing");
    const rung = element("span", "slot-rung");
    const meter = element("span", "slot-meter");
    meter.setAttribute("aria-hidden", "true");
    const level = element("span", "slot-level");
    meter.append(level);
    button.append(name, rung, playing, meter);
    button.addEventListener("click", () => {
      const line = this.status?.slots.find((one) => one.name === slot.name)?.line;
      if (line) this.go(line);
    });
    root.append(button);
    const card = { root, name, playing, rung, level };
    this.cards.set(slot.name, card);
    return card;
  }

  private fill(card: Card, slot: Slot): void {
    write(card.playing, slot.playing);
    write(card.rung, slot.rung ?? "");
    card.rung.hidden = slot.rung === null || slot.rung === "fresh";
    card.rung.title = slot.rung === null ? "" : say.rungs[slot.rung];
    card.root.classList.toggle("silent", slot.silent);
    card.level.style.transform = `scaleX(${Math.min(1, Math.sqrt(slot.level)).toFixed(3)})`;
  }

  /** Between two statuses the playhead goes on by itself. */
  private move(): void {
    this.frame = 0;
    const { status } = this;
    if (!status?.playing) return;
    const beats = ((performance.now() - this.since) / 60000) * status.tempo;
    const length = barLength(status.meter);
    const passed = status.beatInBar - 1 + Math.min(beats, length);
    this.place(status.bar + Math.floor(passed / length), (passed % length) + 1);
    this.frame = requestAnimationFrame(() => this.move());
  }

  private place(bar: number, beat: number): void {
    const [over, under] = metre(this.status?.meter ?? "4/4");
    if (this.lamps !== over) {
      this.lamps = over;
      this.readout.lamps.replaceChildren(...Array.from({ length: over }, () => element("i", "lamp")));
    }
    const struck = Math.floor(((beat - 1) * under) / 4);
    Array.from(this.readout.lamps.children).forEach((lamp, at) =>
      lamp.classList.toggle("on", at === struck && this.status?.playing === true),
    );
    write(this.readout.bar, `${bar}.${struck + 1}`);
  }
}

function metre(text: string): [over: number, under: number] {
  const [over, under] = text.split("/").map(Number);
  return [over || 4, under || 4];
}

/** How many beats, which are quarters, a bar has. */
function barLength(text: string): number {
  const [over, under] = metre(text);
  return (over * 4) / under;
}
