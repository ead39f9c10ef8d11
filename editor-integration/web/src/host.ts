// The page's end of the host's protocol.

import { Connection } from "./connection";
import type { ClientMessage, Command, HostMessage } from "./protocol";

export interface HostListener {
  /** The host answered: a first time, or after the connection broke. */
  welcomed(file: string): void;
  heard(message: HostMessage): void;
  ended(refused: boolean): void;
}

export class Host {
  private readonly connection: Connection;
  private version = 0;

  constructor(token: string, listener: HostListener) {
    this.connection = new Connection("/host", token, {
      opened: () => this.say({ type: "hello", protocol: 1 }),
      heard: (text) => {
        const message = JSON.parse(text) as HostMessage;
        if (message.type === "welcome") {
          this.say({ type: "follow" });
          listener.welcomed(message.file);
        } else {
          listener.heard(message);
        }
      },
      ended: (refused) => listener.ended(refused),
    });
  }

  private say(message: ClientMessage): boolean {
    return this.connection.send(JSON.stringify(message));
  }

  /** Has a text evaluated; gives its number, which the answer bears. */
  change(text: string): number {
    this.version += 1;
    this.say({ type: "change", version: this.version, text });
    return this.version;
  }

  command(type: Command): boolean {
    return this.say({ type });
  }
}
