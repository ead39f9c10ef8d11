// The page in a real browser before a real host: what a performer does, and what must not happen meanwhile.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Stage, until } from "./stage.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const TEXT = '-- A set.\nquantum "now"\ntempo(120)\nplay("lead", notes "c4 e4")\n';

let stage;
before(async () => {
  stage = await Stage.start(TEXT);
});
after(async () => {
  await stage?.stop();
});

/** Strikes keys that are held together, as in `Control Period`. */
async function strike(...keys) {
  for (const key of keys) await stage.page.keyboard.down(key);
  for (const key of keys.reverse()) await stage.page.keyboard.up(key);
}

/** Runs axe over the page; gives what is serious. */
async function serious(page = stage.page) {
  const found = await page.evaluate(async (source) => {
    if (!window.axe) (0, eval)(source);
    return (await window.axe.run()).violations;
  }, axe);
  return found
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

test("the script, the folder and the lessons are there", async () => {
  await until("the script is in the editor", async () => (await stage.text()) === TEXT);
  await until("lessons are listed", async () => (await stage.page.$$("#lessons button")).length > 20);
  assert.equal(await stage.page.$eval("#file", (file) => file.textContent), "set.lua");
  assert.equal((await stage.page.$$("#scripts button")).length, 1);
  await until("the slot is shown", () => stage.page.$(".slot"));
  assert.equal(await stage.page.evaluate(() => location.hash), "", "an audience could read the token");
});

test("typing changes what plays", async () => {
  await until("the first text plays", () => stage.played().length > 2);
  await stage.page.click(".cm-content");
  await strike("Control", "End");
  await stage.page.keyboard.type('play("bass", notes "c2")');
  await until("the bass plays", () => stage.played().some((event) => event.slot === "bass"));
  await until("it is shown", async () => (await stage.page.$$(".slot")).length === 2);
});

test("a mistake is told in place, the music goes on, and it goes when it is mended", async () => {
  await stage.put('tempo(120)\npaly("lead", notes "c4 e4")\n');
  await until("it is underlined", () => stage.page.$(".cm-lintRange-error"));
  const remark = await stage.page.$eval(".lilt-remark-error", (remark) => remark.textContent);
  assert.match(remark, /paly/);
  assert.match(remark, /play/, "it says what to write instead");
  await until("it is said aloud", () => stage.page.$eval("#live", (live) => live.textContent.includes("Line 2")));
  const count = stage.played().length;
  await until("the last good version plays on", () => stage.played().length > count + 2);
  await stage.put(TEXT);
  await until("it goes", async () => (await stage.page.$(".cm-lintRange-error")) === null);
  assert.equal(await stage.page.$(".lilt-remark-error"), null);
});

test("what is printed is shown", async () => {
  await stage.put(`${TEXT}print("hello from the script")\n`);
  await until("it is there", () => stage.page.$eval("#messages", (pane) => pane.textContent.includes("hello from the script")));
  await stage.put(TEXT);
});

test("words are completed and explained", async () => {
  await stage.page.click(".cm-content");
  await strike("Control", "End");
  await stage.page.keyboard.type("temp");
  await until("completions are there", () => stage.page.$(".cm-tooltip-autocomplete li"));
  const shown = await stage.page.$$eval(".cm-tooltip-autocomplete li", (rows) => rows.map((row) => row.textContent));
  assert.ok(shown.some((row) => row.startsWith("tempo")), shown.join());
  await stage.page.keyboard.press("Escape");
  await stage.put(TEXT);
  const place = await stage.page.evaluate(() => {
    const { view } = window.lilt;
    const { left, top, bottom } = view.coordsAtPos(view.state.doc.toString().indexOf("notes") + 2);
    return [left, (top + bottom) / 2];
  });
  await stage.page.mouse.move(...place);
  await until("the word is explained", () => stage.page.$(".cm-tooltip-hover"));
  await stage.page.mouse.move(5, 5);
});

test("a word is lit while it sounds, and undo and screen readers have nothing to do with that", async () => {
  // Anew as a whole: what plays on was written in the text before.
  await stage.put(`${TEXT}-- lit\n`);
  const lit = await stage.page.evaluate(
    () =>
      new Promise((resolve) => {
        const { lights, view } = window.lilt;
        const words = [];
        lights.onLit = (from, to) => {
          words.push(view.state.sliceDoc(from, to));
          if (words.length >= 8) {
            lights.onLit = null;
            resolve({ words, hidden: document.querySelector(".lilt-light").closest("[aria-hidden=true]") !== null });
          }
        };
      }),
  );
  assert.ok(lit.words.includes("c4") && lit.words.includes("e4"), lit.words.join());
  assert.ok(lit.hidden, "a screen reader would read it");
  await stage.page.click(".cm-content");
  await strike("Control", "z");
  await until("undo takes back the last change", async () => (await stage.text()) === TEXT);
});

test("hush silences, and play goes on", async () => {
  await strike("Control", "Period");
  await until("it is silent", () => stage.page.$('[data-playing="false"]'));
  const count = stage.played().length;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.ok(stage.played().length <= count + 1, "something plays on");
  await strike("Control", "Enter");
  await until("it plays again", () => stage.played().length > count + 2);
});

test("a text is saved, and what another program wrote is not written over unasked", async () => {
  await stage.put(`${TEXT}-- saved\n`);
  await stage.page.click(".cm-content");
  await strike("Control", "s");
  await until("it is on the disk", () => readFileSync(stage.script, "utf8").endsWith("-- saved\n"));
  writeFileSync(stage.script, `${TEXT}-- theirs\n`);
  await stage.put(`${TEXT}-- mine\n`);
  await strike("Control", "s");
  await until("it is told", () => stage.page.$eval("#messages", (pane) => pane.textContent.includes("changed by another program")));
  assert.match(readFileSync(stage.script, "utf8"), /theirs/);
  await strike("Control", "s");
  await until("once more writes over it", () => readFileSync(stage.script, "utf8").endsWith("-- mine\n"));
});

test("a reload keeps the text and its undo", async () => {
  await stage.put(`${TEXT}-- before\n`);
  await stage.page.click(".cm-content");
  await strike("Control", "End");
  await stage.page.keyboard.type("-- typed");
  await stage.page.reload();
  await until("the page is connected", () => stage.page.$('[data-connection="open"]'));
  await until("the text is back", async () => (await stage.text()) === `${TEXT}-- before\n-- typed`);
  await stage.page.click(".cm-content");
  await strike("Control", "z");
  await until("undo works", async () => (await stage.text()) !== `${TEXT}-- before\n-- typed`);
});

test("a lesson comes into the editor and plays; a script of one's own is made of it", async () => {
  await strike("Control", "s");
  await until("it is saved", () => stage.page.$eval("#unsaved", (mark) => mark.hidden));
  await strike("Alt", "Digit3");
  await until("the lessons have the keyboard", () => stage.page.evaluate(() => document.activeElement?.closest("#lessons") !== null));
  await stage.page.keyboard.press("Enter");
  await until("it is there", async () => (await stage.text()).startsWith("-- 1. "));
  const count = stage.played().length;
  await until("it plays", () => stage.played().length > count + 1);
  await strike("Control", "s");
  await until("a name is asked for", () => stage.page.$("#name-dialog[open]"));
  await stage.page.keyboard.press("Enter");
  await until("it is listed", async () => (await stage.page.$$("#scripts button")).length === 2);
  assert.match(readFileSync(join(stage.folder, "01-first-note.lua"), "utf8"), /^-- 1\. /);
});

test("every key of the list is shown, and axe finds nothing serious in any theme or dialog", async () => {
  for (const theme of ["dark", "light", "contrast"]) {
    await stage.page.evaluate((theme) => {
      document.documentElement.dataset.theme = theme;
    }, theme);
    assert.deepEqual(await serious(), [], theme);
  }
  await stage.put('paly("x")\n');
  await until("a mistake is shown", () => stage.page.$(".lilt-remark-error"));
  assert.deepEqual(await serious(), [], "with a mistake");
  for (const [key, dialog] of [["F1", "keys"], ["Comma", "settings"]]) {
    await (key === "F1" ? strike("F1") : strike("Alt", key));
    await until(`${dialog} is open`, () => stage.page.$(`#${dialog}-dialog[open]`));
    assert.deepEqual(await serious(), [], dialog);
    await stage.page.keyboard.press("Escape");
  }
  await stage.put(TEXT);
});

test("the stage shows the text and lights it", async () => {
  const page = await stage.browser.newPage();
  stage.watch(page);
  await page.goto(stage.address.replace("/#", "/stage#"));
  await until("the text is there", async () => (await page.$$eval(".cm-line", (lines) => lines.map((line) => line.textContent).join("\n"))) === TEXT);
  await until("a word is lit", () => page.$(".lilt-light"));
  assert.equal(await page.$eval(".cm-content", (content) => content.contentEditable), "false");
  assert.deepEqual(await serious(page), []);
  await page.close();
});

test("nothing was complained of and nothing came from elsewhere", () => {
  assert.deepEqual(stage.wrong, []);
  assert.deepEqual(stage.elsewhere, []);
});

test("a host that ends is told, and what is typed stays", async () => {
  stage.host.removeAllListeners("exit");
  stage.host.kill();
  await until("it is told", () => stage.page.$('[data-connection="lost"]'));
  await stage.page.click(".cm-content");
  await stage.page.keyboard.type("x");
  assert.ok((await stage.text()).includes("x"));
});
