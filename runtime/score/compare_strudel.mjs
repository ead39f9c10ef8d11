#!/usr/bin/env node
// Times Lilt's patterns beside Strudel's: the same texts and combinators, a bar at a time, one thread each, by turns.
//
//     mkdir /tmp/strudel && cd /tmp/strudel && npm install @strudel/core@1.2.6 @strudel/mini@1.2.6
//     # Strudel's core wants a browser; an empty class stands for what is not used here:
//     printf '{"name":"@kabelsalat/web","type":"module","main":"index.js"}' > node_modules/@kabelsalat/web/package.json
//     echo 'export class SalatRepl {}' > node_modules/@kabelsalat/web/index.js
//     node runtime/score/compare_strudel.mjs /tmp/strudel [--turns 3]
//
// Lilt's side is `cargo bench -p lilt-score --bench cost_per_event`, which says the texts too; the combinators of
// `runtime/score/benches/patterns` stand below in Strudel's words. What is counted are events that begin: both must
// have as many of them, but for what chance leaves out.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BARS = 96;
const WARM_UP_MS = 300;
const LONG_ENOUGH_MS = 400;
/// Of events that chance leaves out: five deviations of a binomial of these sizes are less.
const CHANCE = 0.1;

const [folder, ...options] = process.argv.slice(2);
if (!folder || !existsSync(join(folder, "node_modules/@strudel/core"))) {
  console.error("usage: compare_strudel.mjs FOLDER [--turns N], where FOLDER/node_modules has @strudel/core and @strudel/mini");
  process.exit(2);
}
const turns = Number(options[options.indexOf("--turns") + 1] ?? 3) || 3;

console.log = () => {}; // Strudel greets.
const { resolve: find } = createRequire(join(resolve(folder), "package.json"));
const load = (name) => import(pathToFileURL(join(dirname(find(`${name}/package.json`)), "dist/index.mjs")).href);
const { mini } = await load("@strudel/mini");
await load("@strudel/core");

const combinators = {
  combined: (it) => it.fast(3 / 2).rev().firstOf(3, (it) => it.late(1 / 4)).degradeBy(0.2),
  off: (it) => it.superimpose((it) => it.late(1 / 8)),
  "iter chunk": (it) => it.iter(4).chunk(4, (it) => it.ply(2)),
  "struct mask": (it) => it.struct(mini("x*8")).mask(mini("<1 0> 1 1 1")),
  applied: (it) => it.fmap((own) => () => own).appLeft(mini("1 2 <3 4>")),
};
const byChance = new Set(["nested", "combined"]);

function round(pattern) {
  let begun = 0;
  for (let bar = 0; bar < BARS; bar++) {
    for (const hap of pattern.queryArc(bar, bar + 1)) begun += hap.hasOnset();
  }
  return begun;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/// Nanoseconds of the processor for each event that begins, and how many there are.
function strudel({ name, text }) {
  const pattern = (combinators[name] ?? ((it) => it))(mini(text));
  const until = performance.now() + WARM_UP_MS;
  let events = round(pattern);
  while (performance.now() < until) round(pattern);
  const rounds = [];
  const began = performance.now();
  while (performance.now() - began < LONG_ENOUGH_MS || rounds.length < 5) {
    const start = process.cpuUsage();
    round(pattern);
    const { user, system } = process.cpuUsage(start);
    rounds.push(user + system);
  }
  return { events, ns: (median(rounds) * 1e3) / events };
}

function lilt() {
  const bench = ["bench", "--quiet", "-p", "lilt-score", "--bench", "cost_per_event"];
  const told = execFileSync("cargo", bench, { cwd: ROOT, encoding: "utf8" });
  return told.trim().split("\n").map((line) => JSON.parse(line));
}

const rows = new Map();
for (let turn = 0; turn < turns; turn++) {
  for (const ours of lilt()) {
    const theirs = strudel(ours);
    const far = Math.abs(theirs.events / ours.events - 1);
    if (far > (byChance.has(ours.name) ? CHANCE : 0)) {
      console.error(`${ours.name}: ${ours.events} events begin in Lilt, ${theirs.events} in Strudel`);
      process.exitCode = 1;
    }
    const row = rows.get(ours.name) ?? { events: ours.events, ours: [], theirs: [] };
    row.ours.push(ours.ns_per_event);
    row.theirs.push(theirs.ns);
    rows.set(ours.name, row);
  }
}

const cells = (...columns) => process.stdout.write(columns.map((c, i) => (i ? c.padStart(14) : c.padEnd(16))).join("") + "\n");
cells("pattern", "events a bar", "Lilt, ns", "Strudel, ns", "times cheaper");
for (const [name, { events, ours, theirs }] of rows) {
  const [own, other] = [median(ours), median(theirs)];
  cells(name, (events / BARS).toFixed(1), own.toFixed(0), other.toFixed(0), (other / own).toFixed(1));
}
