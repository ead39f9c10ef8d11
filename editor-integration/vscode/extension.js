// Lilt in VS Code: starts `lilt lsp`, hands it the marked scripts, and shows what plays.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { followSurprises, isMarked, slotMarks, statusText } = require("./scripts");

let client;
let starting;
let bar;
let decoration;
/** The last `lilt/status` of each script, by its address. */
const statuses = new Map();
/** What `followSurprises` knows of each script, by its address. */
const surprises = new Map();
/** The scripts that the server was told of. It plays each of them, so it is told of no other Lua file. */
const played = new Set();

const address = (document) => document.uri.toString();

/** Whether a document is to be played without being asked. */
function isScript(document) {
  return document.languageId === "lua" && document.uri.scheme === "file" && isMarked(document.lineAt(0).text);
}

/** Tells the server of a document that it does not know yet. */
function open(document) {
  played.add(address(document));
  return client.sendNotification("textDocument/didOpen", client.code2ProtocolConverter.asOpenTextDocumentParams(document));
}

const middleware = {
  didOpen(document, next) {
    if (played.has(address(document)) || !isScript(document)) {
      return Promise.resolve();
    }
    played.add(address(document));
    return next(document);
  },
  didChange(event, next) {
    if (played.has(address(event.document))) {
      return next(event);
    }
    // The mark may just have been typed.
    return isScript(event.document) ? open(event.document) : Promise.resolve();
  },
  didSave: (document, next) => (played.has(address(document)) ? next(document) : Promise.resolve()),
  didClose: (document, next) => (played.delete(address(document)) ? next(document) : Promise.resolve()),
  provideHover: (document, position, token, next) =>
    played.has(address(document)) ? next(document, position, token) : null,
  provideDefinition: (document, position, token, next) =>
    played.has(address(document)) ? next(document, position, token) : null,
  provideCompletionItem: (document, position, context, token, next) =>
    played.has(address(document)) ? next(document, position, context, token) : null,
};

/** Starts the server once; a failure is shown and may be tried again. */
function start() {
  if (!starting) {
    const command = vscode.workspace.getConfiguration("lilt").get("command");
    const options = { documentSelector: [{ scheme: "file", language: "lua" }], middleware };
    client = new LanguageClient("lilt", "Lilt", { command, args: ["lsp"] }, options);
    client.onNotification("lilt/status", onStatus);
    starting = client.start().catch((error) => {
      starting = undefined;
      vscode.window.showErrorMessage(`Lilt's language server does not start (${command} lsp): ${error.message}`);
      throw error;
    });
  }
  return starting;
}

function onStatus(status) {
  const script = vscode.Uri.parse(status.uri).toString();
  statuses.set(script, status);
  surprises.set(script, followSurprises(surprises.get(script) || new Map(), status));
  show();
}

/** Shows the status of the script in the active editor, and the marks in all visible ones. */
function show() {
  const active = vscode.window.activeTextEditor;
  const status = active && statuses.get(active.document.uri.toString());
  vscode.commands.executeCommand("setContext", "lilt.playing", Boolean(status && status.attached));
  if (status) {
    bar.text = statusText(status);
    bar.tooltip = status.attached ? `sound: ${status.audio}\nMIDI: ${status.midi.join(", ") || "none"}` : undefined;
    bar.show();
  } else {
    bar.hide();
  }
  for (const editor of vscode.window.visibleTextEditors) {
    const script = editor.document.uri.toString();
    const shown = statuses.get(script);
    const marks = shown ? slotMarks(shown, editor.document.lineCount, surprises.get(script)) : [];
    editor.setDecorations(
      decoration,
      marks.map(({ line, text }) => ({
        range: editor.document.lineAt(line).range,
        renderOptions: { after: { contentText: text } },
      })),
    );
  }
}

/** Plays the script in the active editor, marked or not. */
async function play() {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.document.languageId !== "lua" || editor.document.uri.scheme !== "file") {
    vscode.window.showWarningMessage("Lilt plays Lua files: save this one with the ending .lua first.");
    return;
  }
  await start();
  if (!played.has(address(editor.document))) {
    await open(editor.document);
  }
}

async function tell(method) {
  const editor = vscode.window.activeTextEditor;
  if (!client || !editor) {
    vscode.window.showWarningMessage("Lilt plays nothing yet: use “Lilt: Play This Script”.");
    return;
  }
  try {
    await start();
    await client.sendRequest(method, { uri: client.code2ProtocolConverter.asUri(editor.document.uri) });
  } catch (error) {
    vscode.window.showWarningMessage(`Lilt: ${error.message}`);
  }
}

function activate(context) {
  bar = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left, 10);
  bar.command = "lilt.commit";
  const color = new vscode.ThemeColor("editorCodeLens.foreground");
  decoration = vscode.window.createTextEditorDecorationType({ after: { color, fontStyle: "italic" } });
  const command = (name, action) => vscode.commands.registerCommand(name, action);
  context.subscriptions.push(
    bar,
    decoration,
    command("lilt.play", play),
    ...[
      "commit",
      "hush",
      "panic",
      "clearState",
      "like",
      "nope",
      "undoTaste",
      "forgetTaste",
      "record",
      "stopRecording",
      "stop",
    ].map((name) => command(`lilt.${name}`, () => tell(`lilt/${name}`))),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.window.onDidChangeVisibleTextEditors(show),
    vscode.workspace.onDidCloseTextDocument((document) => {
      statuses.delete(document.uri.toString());
      surprises.delete(document.uri.toString());
    }),
    vscode.workspace.onDidOpenTextDocument((document) => isScript(document) && start().catch(() => {})),
  );
  // `start` has told the user what is wrong.
  if (vscode.workspace.textDocuments.some(isScript)) {
    start().catch(() => {});
  }
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
