// Places in a text as the host counts them, in those of the editor (UTF-16 units).

import type { Text } from "@codemirror/state";
import type { Diagnostic } from "./protocol";

/** UTF-8 bytes of the character that begins with this UTF-16 unit, and the units that it takes. */
function measure(unit: number): [bytes: number, units: number] {
  if (unit < 0x80) return [1, 1];
  if (unit < 0x800) return [2, 1];
  return unit >= 0xd800 && unit < 0xdc00 ? [4, 2] : [3, 1];
}

/** Turns byte offsets into offsets of a text, each time in one walk or, where all is ASCII, at once. */
export class Bytes {
  private readonly plain: boolean;

  constructor(private readonly text: string) {
    this.plain = !/[^\x00-\x7f]/.test(text);
  }

  offset(byte: number): number {
    if (this.plain) {
      return Math.min(byte, this.text.length);
    }
    let [bytes, units] = [0, 0];
    while (bytes < byte && units < this.text.length) {
      const [more, taken] = measure(this.text.charCodeAt(units));
      bytes += more;
      units += taken;
    }
    return Math.min(units, this.text.length);
  }
}

/** Where a column of characters, counted from 1, lies in a line. */
export function columnOffset(line: string, column: number): number {
  let units = 0;
  for (let left = column - 1; left > 0 && units < line.length; left -= 1) {
    units += measure(line.charCodeAt(units))[1];
  }
  return Math.min(units, line.length);
}

/** Where a diagnostic lies; never empty where there is a character that it can mark. */
export function span(text: Text, diagnostic: Diagnostic): { from: number; to: number } {
  const line = text.line(Math.max(1, Math.min(diagnostic.line, text.lines)));
  const from = line.from + columnOffset(line.text, diagnostic.column);
  const end = Math.max(diagnostic.endColumn, diagnostic.column + 1);
  return { from, to: Math.max(from, line.from + columnOffset(line.text, end)) };
}
