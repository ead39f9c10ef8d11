// Measures the page before a host without sound: `LILT_LIVE=PATH node editor-integration/web/test/measure.mjs`.
// A second client over the Unix socket, in this process, says when each note is heard by the system's clock.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Stage, until } from "./stage.mjs";

const TEXT = 'quantum "now"\ntempo(120)\nplay("lead", notes "[c4 e4 g4 b4]*2")\nplay("drums", drums "bd*2 [~ sd] hh*4")\n';

const now = () => performance.timeOrigin + performance.now();
const share = (numbers, at) => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * at))];
const row = (what, numbers) =>
  console.log(
    `${what.padEnd(46)} n ${String(numbers.length).padStart(4)}  p50 ${share(numbers, 0.5).toFixed(1)}  p95 ${share(numbers, 0.95).toFixed(1)}  most ${Math.max(...numbers).toFixed(1)} ms`,
  );

const stage = await Stage.start(TEXT);
try {
  await until("the text is there", async () => (await stage.text()) === TEXT);
  await until("it plays", () => stage.played().length > 8);

  // Keystroke to what the host says of it, and to its mark on the screen.
  const keystrokes = await stage.page.evaluate(async () => {
    const { view, host } = window.lilt;
    const hear = window.lilt.hear.bind(window.lilt);
    const [heard, shown, evaluated] = [[], [], []];
    for (let at = 0; at < 200; at += 1) {
      const begin = performance.now();
      const answered = new Promise((resolve) => {
        window.lilt.hear = (message) => {
          hear(message);
          if (message.type === "evaluated" && message.version === window.lilt.version) resolve(message);
        };
      });
      const text = at % 2 === 0 ? "x" : "";
      view.dispatch({ changes: { from: view.state.doc.length - (at % 2), to: view.state.doc.length, insert: text } });
      const { micros } = await answered;
      heard.push(performance.now() - begin);
      evaluated.push(micros / 1000);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      shown.push(performance.now() - begin);
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
    }
    window.lilt.hear = hear;
    void host;
    return { heard, shown, evaluated };
  });
  row("keystroke to the host's answer in the page", keystrokes.heard);
  row("keystroke to marks, with the next frame", keystrokes.shown);
  row("  of which the host evaluated", keystrokes.evaluated);

  // Play now to the first note of the new plan that is told.
  const plans = await stage.page.evaluate(async (text) => {
    const { view } = window.lilt;
    const hear = window.lilt.hear.bind(window.lilt);
    const took = [];
    for (let at = 0; at < 60; at += 1) {
      const note = ["d", "e", "f", "g", "a"][at % 5];
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text.replace("c4", `${note}4`) + `-- ${at}\n` } });
      const begin = performance.now();
      const planned = new Promise((resolve) => {
        const marked = window.lilt.texts.newest();
        let mark = null;
        void marked.then((known) => (mark = known));
        window.lilt.hear = (message) => {
          hear(message);
          const ours = (one) => mark?.startsWith(one.text);
          if (message.type === "planned" && message.begins.some((begins) => begins.written.some(ours))) resolve();
        };
      });
      window.lilt.host.command("commitNow");
      await planned;
      took.push(performance.now() - begin);
      // Past what was sent ahead, so that the next plan is told of its own.
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 100));
    }
    window.lilt.hear = hear;
    return took;
  }, TEXT.replace("]*2", "]*16"));
  row("play now to the first notes of the new plan", plans);

  // Lights against the moments at which their notes are heard.
  const hash = createHash("sha256").update(realpathSync(stage.script)).digest("hex").slice(0, 24);
  const socket = connect(join(stage.folder, "lilt", `${hash}.sock`));
  const begins = [];
  let ahead = Infinity;
  createInterface({ input: socket }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.type !== "planned") return;
    ahead = Math.min(ahead, now() - message.now * 1000);
    for (const one of message.begins) begins.push({ at: one.at, places: one.written.map(({ from, to }) => `${from}-${to}`) });
  });
  socket.write('{"type":"hello","protocol":1}\n{"type":"follow"}\n');
  await stage.put(TEXT);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const lit = await stage.page.evaluate(
    () =>
      new Promise((resolve) => {
        const seen = [];
        window.lilt.lights.onLit = (from, to) => seen.push({ place: `${from}-${to}`, at: performance.timeOrigin + performance.now() });
        setTimeout(() => resolve(seen), 20_000);
      }),
  );
  const errors = [];
  for (const { place, at } of lit) {
    const meant = begins.filter((one) => one.places.includes(place)).map((one) => one.at * 1000 + ahead);
    const nearest = meant.reduce((best, moment) => (Math.abs(moment - at) < Math.abs(best - at) ? moment : best), Infinity);
    if (Number.isFinite(nearest)) errors.push(at - nearest);
  }
  row("a light against its note, late being more", errors);
  row("  either way", errors.map(Math.abs));
  socket.destroy();
} finally {
  await stage.stop();
}
