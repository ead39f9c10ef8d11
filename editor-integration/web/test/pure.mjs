// What needs no browser: bundled for Node, and tried by tables.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lilt-web-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
await build({
  absWorkingDir: join(here, ".."),
  stdin: {
    contents: `export * from "./src/places"; export * from "./src/schedule"; export * from "./src/texts";
      export { ChangeSet, Text } from "@codemirror/state";`,
    resolveDir: join(here, ".."),
  },
  outfile: join(folder, "pure.mjs"),
  bundle: true,
  format: "esm",
  platform: "node",
  logLevel: "warning",
});
const { Bytes, ChangeSet, columnOffset, HostClock, Schedule, Text, textMark, Texts } = await import(
  pathToFileURL(join(folder, "pure.mjs")).href
);

// Places.
for (const text of ["", "abc", "é", "a→b", "🎹🎹x", "naïve – 🎹"]) {
  const bytes = new Bytes(text);
  for (let units = 0; units <= text.length; units += 1) {
    if (/[\udc00-\udfff]/.test(text[units] ?? "")) continue;
    assert.equal(bytes.offset(new TextEncoder().encode(text.slice(0, units)).length), units, `${text} ${units}`);
  }
  assert.equal(bytes.offset(1e6), text.length);
}
for (const [line, column, units] of [
  ["play", 1, 0],
  ["play", 3, 2],
  ["🎹ab", 2, 2],
  ["🎹ab", 3, 3],
  ["ab", 9, 2],
]) {
  assert.equal(columnOffset(line, column), units, `${line} ${column}`);
}
// printf '' | sha256sum
assert.equal(await textMark(""), "e3b0c44298fc1c149afbf4c8");

// Where what was written stands some edits later.
for (const [what, before, change, after] of [
  ["nothing changed", "play 🎹 c4", { from: 0 }, "c4"],
  ["something came before", "play 🎹 c4", { from: 0, insert: "é — " }, "c4"],
  ["something came after", "play 🎹 c4", { from: 10, insert: " e4" }, "c4"],
  ["the whole was put in anew, with more behind", "play 🎹 c4", { from: 0, to: 10, insert: "play 🎹 c4 e4" }, "c4"],
  ["the whole was put in anew, with more before", "play 🎹 c4", { from: 0, to: 10, insert: "-- é\nplay 🎹 c4" }, "c4"],
  ["it was taken out", "play 🎹 c4", { from: 8, to: 10 }, null],
  ["it is another", "play 🎹 c4", { from: 0, to: 10, insert: "play 🎹 d4" }, null],
]) {
  const texts = new Texts();
  const old = Text.of(before.split("\n"));
  texts.tell(old);
  const mark = await texts.newest();
  const changes = ChangeSet.of(change, old.length);
  texts.change(changes.desc);
  const now = changes.apply(old);
  texts.tell(now);
  const bytes = (text) => new TextEncoder().encode(text).length;
  const from = bytes(before.slice(0, before.indexOf("c4")));
  const found = texts.find({ file: "set.lua", text: mark, from, to: from + 2 });
  assert.equal(found && now.sliceString(found.from, found.to), after, what);
  assert.equal(texts.find({ file: "set.lua", text: "0".repeat(24), from, to: from + 2 }), null);
}

// What sounds when.
const written = (from) => [{ file: "a", text: "m", from, to: from + 1 }];
const planned = (rest) => ({ now: 0, takenBack: [], begins: [], ends: [], ...rest });
const lit = (schedule, second) => schedule.at(second).map((one) => one.from);
{
  const schedule = new Schedule();
  schedule.take(planned({
    begins: [
      { note: 1, slot: 0, at: 1, written: written(10) },
      { note: 2, slot: 1, at: 1.5, written: written(20) },
    ],
    ends: [{ note: 1, slot: 0, at: 2 }],
  }));
  assert.deepEqual(lit(schedule, 0.9), []);
  assert.deepEqual(lit(schedule, 1), [10]);
  assert.deepEqual(lit(schedule, 1.6), [10, 20]);
  // What is taken back does not begin, and does not end as it was told.
  schedule.take(planned({ takenBack: [{ slot: 0, from: 1.9 }], ends: [{ note: 1, slot: 0, at: 1.95 }] }));
  assert.deepEqual(lit(schedule, 1.94), [10, 20]);
  assert.deepEqual(lit(schedule, 1.95), [20]);
  schedule.take(planned({ begins: [{ note: 3, slot: 1, at: 3, written: written(30) }] }));
  schedule.take(planned({ takenBack: [{ slot: 1, from: 3 }] }));
  assert.deepEqual(lit(schedule, 3), [20]);
  assert.ok(!schedule.empty);
  schedule.take(planned({ ends: [{ note: 2, slot: 1, at: 3.5 }] }));
  assert.deepEqual(lit(schedule, 3.5), []);
  assert.ok(schedule.empty);
}
// The clock: the quickest message counts, and old ones are forgotten.
{
  const clock = new HostClock();
  assert.equal(clock.second(5), null);
  clock.hear(1, 1_030);
  clock.hear(1.1, 1_105);
  clock.hear(1.2, 1_260);
  assert.ok(Math.abs(clock.second(2_005) - 2) < 1e-9);
  // The clocks drift apart by 20 ms while nothing is quicker.
  clock.hear(9, 9_025);
  assert.ok(Math.abs(clock.second(10_025) - 10) < 1e-9);
  // Another host.
  clock.hear(0.5, 20_000);
  assert.ok(Math.abs(clock.second(20_500) - 1) < 1e-9);
}
console.log("places, texts, schedule and clock are right");
