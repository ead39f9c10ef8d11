// What is said aloud by a screen reader: one polite region, and no more than one sentence a second.

const EVERY = 1000;

export class Announcer {
  private waiting: string | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = "";

  constructor(private readonly region: HTMLElement) {}

  /** Says a sentence; of those that come within a second the newest. */
  say(sentence: string): void {
    if (this.timer !== null) {
      this.waiting = sentence;
      return;
    }
    this.speak(sentence);
  }

  private speak(sentence: string): void {
    if (sentence !== this.last) {
      this.region.textContent = sentence;
      this.last = sentence;
    }
    this.timer = setTimeout(() => {
      this.timer = null;
      const next = this.waiting;
      this.waiting = null;
      if (next !== null) this.speak(next);
    }, EVERY);
  }
}
