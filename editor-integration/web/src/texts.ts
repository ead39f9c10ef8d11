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
}

/** What the host calls a text: the first 24 hexadecimal digits of its SHA-256. */
export async function textMark(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Texts {
  private told: Told[] = [];

  /** The host was told this text. */
  tell(text: Text): void {
    const mark = textMark(text.toString());
    const told: Told = { mark, known: null, bytes: null, text, since: ChangeSet.empty(text.length).desc };
    void mark.then((known) => {
      told.known = known;
    });
    this.told.push(told);
    if (this.told.length > MOST) this.told.shift();
  }

  /** The present text changed. */
  change(changes: ChangeDesc): void {
    for (const told of this.told) told.since = told.since.composeDesc(changes);
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
      const from = told.since.mapPos(told.bytes.offset(written.from), 1);
      const to = told.since.mapPos(told.bytes.offset(written.to), -1);
      return from < to ? { from, to } : null;
    }
    return null;
  }
}
