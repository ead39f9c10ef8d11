// The scripts beside the one that plays, and the lessons.

import { Connection } from "./connection";
import type { Answer, Question } from "./protocol";

type Waiting = { resolve: (answer: Answer) => void; text: string };

export class Folder {
  private readonly connection: Connection;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  constructor(token: string, opened: () => void) {
    this.connection = new Connection("/folder", token, {
      opened: () => {
        // What was asked before the connection broke is asked again.
        for (const { text } of this.waiting.values()) this.connection.send(text);
        opened();
      },
      heard: (text) => {
        const answer = JSON.parse(text) as Answer & { id: number | null };
        const waiting = answer.id === null ? undefined : this.waiting.get(answer.id);
        if (answer.id !== null) this.waiting.delete(answer.id);
        waiting?.resolve(answer);
      },
      ended: () => {},
    });
  }

  ask(question: Question): Promise<Answer> {
    this.asked += 1;
    const id = this.asked;
    const text = JSON.stringify({ id, ...question });
    return new Promise((resolve) => {
      this.waiting.set(id, { resolve, text });
      this.connection.send(text);
    });
  }
}
