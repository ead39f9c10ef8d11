// A WebSocket to the host that is opened again whenever it ends. The token is its first message.

/** How long to wait before it is tried again, in milliseconds. */
const AGAIN = 700;
/** What a server closes with that does not know the token. */
const POLICY = 1008;

const KEY = "lilt token";

/** The token out of the address; it is not left there, where an audience could read it. */
export function takeToken(): string {
  const said = location.hash.slice(1);
  if (said !== "") {
    sessionStorage.setItem(KEY, said);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? "";
}

export interface Listener {
  /** It is open, for the first time or again. */
  opened(): void;
  heard(text: string): void;
  /** It has ended; `refused` where the token is wrong, and it is not tried again. */
  ended(refused: boolean): void;
}

export class Connection {
  private socket: WebSocket | null = null;

  constructor(
    private readonly path: "/host" | "/language" | "/folder",
    private readonly token: string,
    private readonly listener: Listener,
  ) {
    this.open();
  }

  private open(): void {
    const socket = new WebSocket(`ws://${location.host}${this.path}`);
    socket.onopen = () => {
      this.socket = socket;
      socket.send(this.token);
      this.listener.opened();
    };
    socket.onmessage = (event) => {
      if (typeof event.data === "string") {
        this.listener.heard(event.data);
      }
    };
    socket.onclose = (event) => {
      this.socket = null;
      const refused = event.code === POLICY;
      this.listener.ended(refused);
      if (!refused) {
        setTimeout(() => this.open(), AGAIN);
      }
    };
  }

  /** Sends a message; false while the connection is not open. */
  send(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.socket.send(text);
    return true;
  }
}
