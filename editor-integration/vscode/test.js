// Checks what can be checked without VS Code: the extension's decisions, and the server through the
// libraries of Microsoft that VS Code itself uses. Say `npm install` first, then
//   LILT="lilt lsp" node test.js
// LILT may be `scripted_host lsp`, the example of runtime/editor, which needs no sound.
"use strict";

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const rpc = require("vscode-jsonrpc/node");
const { followSurprises, isMarked, slotMarks, statusText } = require("./scripts");

function decisions() {
  const marked = [["-- lilt\nplay()", true], ["--- Lilt: a tune", true], ["-- lilting", false], ["play()", false], ["", false]];
  for (const [text, expected] of marked) {
    assert.equal(isMarked(text), expected, text);
  }
  const status = {
    attached: true, playing: true, bar: 9, beatInBar: 2.5, tempo: 112, generation: 7, lastError: { line: 3 },
    baking: [{ model: "folk", progress: 0.4 }],
    slots: [
      { name: "lead", line: 4, rung: "stale", playing: "folk take 3f2a · pluck", ess: 0.42, logZ: -1.3, silent: false },
      { name: "drums", line: null, rung: null, playing: "bd*2", ess: null, silent: true },
    ],
  };
  assert.equal(statusText(status), "$(play) lilt 9.2  112 bpm  gen 7  lead stale  baking folk 40% $(error) line 3");
  const recorded = { ...status, baking: [], recording: "/home/ada/song-live.wav" };
  assert.equal(statusText(recorded), "$(play) lilt 9.2  112 bpm  gen 7  lead stale  recording $(error) line 3");
  assert.equal(statusText({ attached: false }), "$(debug-disconnect) lilt: no host");
  assert.deepEqual(slotMarks(status, 10), [{ line: 3, text: "  ▸ stale · folk take 3f2a · pluck · ESS 42% · ln Z -1.3" }]);
  assert.deepEqual(slotMarks(status, 3), []);
  const cost = { what: "gain", line: 6, millisecondsPerCall: 4, share: 0.31, over: false };
  const pad = { name: "pad", line: 1, playing: "pad", cost };
  const costly = (share) => slotMarks({ attached: true, slots: [{ ...pad, cost: { ...cost, share } }] }, 1)[0].text;
  assert.equal(costly(0.31), "  ▸ pad · gain takes 4.0 ms a call, 31% of its time");
  assert.equal(costly(0.09), "  ▸ pad");
  let surprises = new Map();
  for (const nats of [0, 0, 1, 2.5, 5.5, 30, null]) {
    const lead = { ...status.slots[0], surprise: nats };
    const told = { ...status, slots: [lead, status.slots[1]] };
    surprises = followSurprises(surprises, told);
    const row = { 0: "▁", 1: "▁▂", 2.5: "▁▂▄", 5.5: "▁▂▄▆", 30: "▁▂▄▆█" }[nats];
    const text = `  ▸ stale · ${row ? `${row} · ` : ""}folk take 3f2a · pluck · ESS 42% · ln Z -1.3`;
    assert.deepEqual(slotMarks(told, 10, surprises), [{ line: 3, text }]);
  }
  for (let nats = 0; nats < 20; nats += 1) {
    surprises = followSurprises(surprises, { slots: [{ name: "lead", surprise: nats }] });
  }
  assert.equal(surprises.get("lead").blocks.length, 8);
  assert.equal(followSurprises(surprises, { attached: false }).size, 0);
}

async function conversation() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lilt-"));
  const file = path.join(folder, "song.lua");
  const text = '-- lilt\nplay("lead", "c4 e4"):on(synth "pluck")\n';
  fs.writeFileSync(file, text);
  const uri = pathToFileURL(file).toString();
  const [program, ...args] = (process.env.LILT || "lilt lsp").split(" ");
  const server = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const connection = rpc.createMessageConnection(server.stdout, server.stdin);
  const heard = [];
  const waiting = [];
  connection.onNotification((method, params) => {
    heard.push({ method, params, at: performance.now() });
    for (const look of waiting.splice(0)) {
      look();
    }
  });
  connection.listen();
  /** The first notification after number `since` that fits. */
  async function hear(what, since, fits) {
    const deadline = Date.now() + 20000;
    for (;;) {
      const found = heard.slice(since).find(fits);
      if (found) {
        console.log(`ok      ${what}`);
        return found;
      }
      assert.ok(Date.now() < deadline, `MISSING ${what}`);
      await Promise.race([new Promise((resolve) => waiting.push(resolve)), new Promise((resolve) => setTimeout(resolve, 500))]);
    }
  }
  const isMarks = (version) => ({ method, params }) => method === "textDocument/publishDiagnostics" && params.version === version;
  const isStatus = (fits) => ({ method, params }) => method === "lilt/status" && fits(params);

  const { capabilities } = await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  assert.equal(capabilities.textDocumentSync.change, 2);
  await connection.sendNotification("initialized", {});
  await connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId: "lua", version: 1, text } });
  const first = await hear("the opened script is evaluated", 0, isMarks(1));
  assert.deepEqual(first.params.diagnostics, []);
  await hear("its slot plays", 0, isStatus((status) => status.attached && status.slots.some((slot) => slot.name === "lead")));

  const end = { line: 2, character: 0 };
  const change = (version, range, text) =>
    connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range, text }] });
  let since = heard.length;
  const sent = performance.now();
  await change(2, { start: end, end }, 'local s = "🎹" paly("bass", "c2"):on(synth "bass")\n');
  const wrong = await hear("a mistake is marked", since, isMarks(2));
  console.log(`        after ${(wrong.at - sent).toFixed(1)} ms`);
  assert.equal(wrong.params.diagnostics[0].range.start.line, 2);
  assert.match(wrong.params.diagnostics[0].message, /paly/);
  since = heard.length;
  await change(3, { start: { line: 2, character: 15 }, end: { line: 2, character: 19 } }, "play");
  const right = await hear("the corrected text has no mark", since, isMarks(3));
  assert.deepEqual(right.params.diagnostics, []);
  await hear("the new slot plays", since, isStatus((status) => status.slots.some((slot) => slot.name === "bass")));

  const hover = await connection.sendRequest("textDocument/hover", { textDocument: { uri }, position: { line: 1, character: 2 } });
  assert.match(hover.contents.value, /play/);
  const offered = await connection.sendRequest("textDocument/completion", { textDocument: { uri }, position: { line: 1, character: 2 } });
  assert.ok(offered.some((item) => item.label === "play"));
  console.log("ok      hover and completion know `play`");

  assert.equal(await connection.sendRequest("lilt/clearState", { uri }), null);
  since = heard.length;
  assert.equal(await connection.sendRequest("lilt/hush", { uri }), null);
  await hear("hush silences", since, isStatus((status) => !status.playing || status.slots.every((slot) => slot.silent)));
  since = heard.length;
  assert.equal(await connection.sendRequest("lilt/stop", { uri }), null);
  await hear("stop ends the host", since, isStatus((status) => !status.attached));
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  assert.equal(await ended, 0);
  console.log("ok      the server ends with status 0");
  fs.rmSync(folder, { recursive: true });
}

decisions();
console.log("ok      the extension's decisions");
conversation().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
