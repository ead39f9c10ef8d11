// The pane with what the script prints and what Lilt says.

import { element } from "./dom";

/** How many lines are kept. */
const MOST = 400;

export class Messages {
  constructor(private readonly list: HTMLElement) {}

  add(text: string, kind: "print" | "lilt" | "wrong" | "right"): void {
    const atEnd = this.list.scrollTop + this.list.clientHeight >= this.list.scrollHeight - 24;
    this.list.append(element("div", `message message-${kind}`, text));
    while (this.list.childElementCount > MOST) this.list.firstElementChild?.remove();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }
}
