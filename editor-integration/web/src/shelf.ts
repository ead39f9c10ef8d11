// The lists beside the text: scripts of the folder, and lessons.

import { element } from "./dom";
import type { Entry } from "./protocol";

export class Shelf {
  private current: string | null = null;

  constructor(
    private readonly list: HTMLElement,
    private readonly open: (entry: Entry) => void,
    private readonly shown: (entry: Entry) => { head: string; foot: string },
  ) {
    list.addEventListener("keydown", (event) => this.walk(event));
  }

  fill(entries: readonly Entry[]): void {
    this.list.replaceChildren(
      ...entries.map((entry) => {
        const row = element("li");
        const button = element("button", "shelf-row");
        button.type = "button";
        button.dataset["name"] = entry.name;
        const { head, foot } = this.shown(entry);
        button.append(element("span", "shelf-head", head));
        if (foot !== "") button.append(element("span", "shelf-foot", foot));
        button.addEventListener("click", () => this.open(entry));
        row.append(button);
        return row;
      }),
    );
    this.mark(this.current);
  }

  /** Marks what is in the editor. */
  mark(name: string | null): void {
    this.current = name;
    for (const button of this.buttons()) {
      if (button.dataset["name"] === name) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  focus(): void {
    const buttons = this.buttons();
    (buttons.find((button) => button.hasAttribute("aria-current")) ?? buttons[0])?.focus();
  }

  private buttons(): HTMLButtonElement[] {
    return Array.from(this.list.querySelectorAll("button"));
  }

  /** Up and down go through the list. */
  private walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const buttons = this.buttons();
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
    event.preventDefault();
  }
}
