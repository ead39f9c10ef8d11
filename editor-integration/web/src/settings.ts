// What somebody wants to look at, kept in the browser.

export interface Settings {
  theme: "system" | "dark" | "light" | "contrast";
  /** Size of the letters in pixels. */
  size: number;
  /** By how much lights come later, in milliseconds. */
  offset: number;
}

const KEY = "lilt settings";
const usual: Settings = { theme: "system", size: 17, offset: 0 };

export function settings(): Settings {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return usual;
  }
}

/** Keeps them, and lets the page look so. */
export function keepSettings(settings: Settings): void {
  localStorage.setItem(KEY, JSON.stringify(settings));
  look(settings);
}

/** Lets the page look as they say. */
export function look({ theme, size }: Settings): void {
  document.documentElement.dataset["theme"] = theme;
  document.documentElement.style.setProperty("--code-size", `${size}px`);
}
