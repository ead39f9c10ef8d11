// The three dialogs: keys, settings, a name for a script.

import { byId, element } from "./dom";
import { keepSettings, settings, type Settings } from "./settings";
import { keys, say } from "./words";

/** Fills the list of keys, and gives what opens it. */
export function keyList(): () => void {
  const dialog = byId("keys-dialog", HTMLDialogElement);
  const list = byId("keys-list", HTMLElement);
  for (const [key, does] of keys) {
    const pressed = element("dt");
    key.split(", ").forEach((one, at) => {
      if (at > 0) pressed.append(", ");
      pressed.append(element("kbd", "", one));
    });
    list.append(pressed, element("dd", "", does));
  }
  return () => dialog.showModal();
}

/** Wires the settings, and gives what opens them; `changed` is told at once. */
export function settingsDialog(changed: (settings: Settings) => void): () => void {
  const dialog = byId("settings-dialog", HTMLDialogElement);
  const theme = byId("theme", HTMLSelectElement);
  const size = byId("size", HTMLInputElement);
  const offset = byId("offset", HTMLInputElement);
  const shown = byId("offset-shown", HTMLElement);
  const now = settings();
  theme.value = now.theme;
  size.value = String(now.size);
  offset.value = String(now.offset);
  const read = (): void => {
    const next: Settings = {
      theme: theme.value as Settings["theme"],
      size: Number(size.value),
      offset: Number(offset.value),
    };
    shown.textContent = `${next.offset} ${say.milliseconds}`;
    keepSettings(next);
    changed(next);
  };
  for (const input of [theme, size, offset]) input.addEventListener("input", read);
  read();
  return () => dialog.showModal();
}

/** Asks for the name of a script; nothing when somebody thinks better of it. */
export function askName(suggestion: string): Promise<string | null> {
  const dialog = byId("name-dialog", HTMLDialogElement);
  const form = byId("name-form", HTMLFormElement);
  const input = byId("name", HTMLInputElement);
  const wrong = byId("name-wrong", HTMLElement);
  input.value = suggestion;
  wrong.textContent = "";
  dialog.showModal();
  input.setSelectionRange(0, suggestion.replace(/\.lua$/, "").length);
  return new Promise((resolve) => {
    let name: string | null = null;
    form.onsubmit = (event) => {
      event.preventDefault();
      const said = input.value.trim();
      const whole = said.endsWith(".lua") ? said : `${said}.lua`;
      if (said === "" || said.startsWith(".") || /[/\\]/.test(said)) {
        wrong.textContent = say.badName;
        return;
      }
      name = whole;
      dialog.close();
    };
    dialog.onclose = () => resolve(name);
  });
}

/** Lets the buttons that close a dialog do so. */
export function closers(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  }
}
