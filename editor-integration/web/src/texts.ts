// The texts that the host was told of late, and where what stood in them stands now: what sounds may have been written
// some edits ago.

import { ChangeSet, type ChangeDesc, type Text } from "@codemirror/state";
import { Bytes } from "./places";
import type { Written } from "./protocol";

/** How many texts are remembered. */
const MOST = 256;

interface Told {
  mark: Promise<string>;
  known: string | null;
  bytes: Bytes | null;
  text: Text;
  /** From that text to the present one. */
  since: ChangeDesc;
  /** How many units that text and the present one have in common at the beginning and at the end, where that was asked. */
  common: [before: number, after: number] | null;
}

/** How many units two texts have in common at the beginning, and after that at the end. */
function common(one: string, other: string): [before: number, after: number] {
  const most = Math.min(one.length, other.length);
  let before = 0;
  while (before < most && one[before] === other[before]) before += 1;
  let after = 0;
  while (after < most - before && one[one.length - 1 - after] === other[other.length - 1 - after]) after += 1;
  return [before, after];
}

/** What the host calls a text: the first 24 hexadecimal digits of its SHA-256. */
export async function textMark(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Texts {
  private told: Told[] = [];
  private present: Text | null = null;

  /** The host was told this text. */
  tell(text: Text): void {
    const mark = textMark(text.toString());
    const since = ChangeSet.empty(text.length).desc;
    const told: Told = { mark, known: null, bytes: null, text, since, common: null };
    this.present = text;
    void mark.then((known) => {
      told.known = known;
    });
    this.told.push(told);
    if (this.told.length > MOST) this.told.shift();
  }

  /** The present text changed. */
  change(changes: ChangeDesc): void {
    for (const told of this.told) {
      told.since = told.since.composeDesc(changes);
      told.common = null;
    }
  }

  /** Another text is there, which has nothing to do with the one before. */
  clear(): void {
    this.told = [];
  }

  /** The mark of the newest text. */
  newest(): Promise<string> | null {
    return this.told.at(-1)?.mark ?? null;
  }

  /** Where something that was written stands now; nothing where it does not any more. */
  find(written: Written): { from: number; to: number } | null {
    for (let at = this.told.length - 1; at >= 0; at -= 1) {
      const told = this.told[at];
      if (!told?.known?.startsWith(written.text) || written.text === "") continue;
      told.bytes ??= new Bytes(told.text.toString());
      const [begin, end] = [told.bytes.offset(written.from), told.bytes.offset(written.to)];
      const from = told.since.mapPos(begin, 1);
      const to = told.since.mapPos(end, -1);
      return from < to ? { from, to } : this.same(told, begin, end);
    }
    return null;
  }

  /** Where a piece of an older text stands now that was taken out and put in again, as by pasting the whole text anew. */
  private same(told: Told, from: number, to: number): { from: number; to: number } | null {
    if (!this.present) return null;
    told.common ??= common(told.text.toString(), this.present.toString());
    const [before, after] = told.common;
    if (to <= before) return { from, to };
    const shift = this.present.length - told.text.length;
    return from >= told.text.length - after ? { from: from + shift, to: to + shift } : null;
  }
}
