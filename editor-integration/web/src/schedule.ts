// What will sound, as the host tells it a moment ahead, and what of it sounds at a time. Knows no page and no clock.

import type { Planned, Written } from "./protocol";

interface Note {
  slot: number;
  from: number;
  /** Nothing while its end was not told yet. */
  to: number | null;
  written: Written[];
}

/** Notes whose end is never told, because the connection broke, are dark after so many seconds. */
const LONGEST = 600;
/** So many notes are remembered at most. */
const MOST = 4096;

export class Schedule {
  private readonly notes = new Map<number, Note>();

  take(planned: Planned): void {
    for (const { slot, from } of planned.takenBack) {
      for (const [id, note] of this.notes) {
        if (note.slot !== slot) continue;
        if (note.from >= from) {
          this.notes.delete(id);
        } else if (note.to !== null && note.to >= from) {
          note.to = null;
        }
      }
    }
    for (const { note, slot, at, written } of planned.begins) {
      this.notes.set(note, { slot, from: at, to: null, written });
      if (this.notes.size > MOST) {
        const oldest = this.notes.keys().next();
        if (!oldest.done) this.notes.delete(oldest.value);
      }
    }
    for (const { note, at } of planned.ends) {
      const known = this.notes.get(note);
      if (known) known.to = at;
    }
  }

  /** What sounds at a second of the performance; what is over is forgotten. */
  at(second: number): Written[] {
    const lit: Written[] = [];
    for (const [id, { from, to, written }] of this.notes) {
      if ((to !== null && to <= second) || second - from > LONGEST) {
        this.notes.delete(id);
      } else if (from <= second) {
        lit.push(...written);
      }
    }
    return lit;
  }

  /** Whether anything sounds or will. */
  get empty(): boolean {
    return this.notes.size === 0;
  }

  clear(): void {
    this.notes.clear();
  }
}

/** For how long messages tell what the clock of the host says, in milliseconds. */
const WINDOW = 4000;

/** The clock of the performance, read off from messages: the one that came quickest tells best. */
export class HostClock {
  private samples: { at: number; ahead: number }[] = [];

  /** A message that says `now`, in seconds, came at `at`, in milliseconds of this page. */
  hear(now: number, at: number): void {
    const ahead = at - now * 1000;
    const last = this.samples.at(-1);
    // The host began anew: what is known of the one before says nothing.
    if (last && Math.abs(last.ahead - ahead) > 2000) this.samples = [];
    this.samples = this.samples.filter((sample) => at - sample.at < WINDOW && sample.ahead < ahead);
    this.samples.push({ at, ahead });
  }

  /** The second that is heard at `at`, in milliseconds of this page. */
  second(at: number): number | null {
    const best = this.samples[0];
    return best ? (at - best.ahead) / 1000 : null;
  }
}
