// Completion, hover and definitions, from the language server in the host.

import { hoverTooltips, jumpToDefinitionKeymap, LSPClient, serverCompletion, type Transport } from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { Connection } from "./connection";

const ignored = () => true;

export class Language {
  private readonly client = new LSPClient({
    timeout: 5000,
    extensions: [serverCompletion(), hoverTooltips({ hoverTime: 350 })],
    notificationHandlers: {
      // The host itself tells all this, sooner.
      "window/logMessage": ignored,
      "window/showMessage": ignored,
      "textDocument/publishDiagnostics": ignored,
      "lilt/status": ignored,
    },
    unhandledNotification: () => {},
  });

  constructor(token: string) {
    const handlers = new Set<(text: string) => void>();
    const connection: Connection = new Connection("/language", token, {
      opened: () => {
        const transport: Transport = {
          send: (text) => {
            connection.send(text);
          },
          subscribe: (handler) => handlers.add(handler),
          unsubscribe: (handler) => handlers.delete(handler),
        };
        this.client.connect(transport);
      },
      heard: (text) => handlers.forEach((handler) => handler(text)),
      ended: () => {
        handlers.clear();
        this.client.disconnect();
      },
    });
  }

  /** What an editor of this file needs. */
  of(file: string): Extension {
    const path = file.split("/").map(encodeURIComponent).join("/");
    return [this.client.plugin(`file://${path}`, "lua"), keymap.of([...jumpToDefinitionKeymap])];
  }
}
