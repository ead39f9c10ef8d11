// A host without sound and its page in a headless Chromium.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

/** Longest wait for what must come, in milliseconds. */
export const PATIENCE = 30_000;

/** The browser, or nothing. */
export function chromium() {
  const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"].filter(Boolean);
  return names.map((name) => spawnSync("which", [name]).stdout?.toString().trim()).find(Boolean) ?? null;
}

/** Waits until something is so. */
export async function until(what, is) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await is();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

export class Stage {
  static async start(text, { lilt = process.env.LILT_LIVE, size = { width: 1400, height: 860 } } = {}) {
    const stage = new Stage();
    stage.folder = mkdtempSync(join(tmpdir(), "lilt-web-"));
    stage.script = join(stage.folder, "set.lua");
    writeFileSync(stage.script, text);
    const words = ["live", stage.script, "--no-canvas", "--audio", "none", "--web", "--web-port", "0"];
    words.push("--events", join(stage.folder, "played.jsonl"));
    stage.host = spawn(lilt, words, {
      env: { ...process.env, XDG_RUNTIME_DIR: stage.folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    // Whoever ends the tests ends the host too.
    process.once("exit", () => stage.host.kill());
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));
    stage.said = [];
    stage.address = await new Promise((resolve, reject) => {
      createInterface({ input: stage.host.stderr }).on("line", (line) => {
        stage.said.push(line);
        const found = /open (http:\S+)/.exec(line);
        if (found) resolve(found[1]);
      });
      stage.host.on("error", reject);
      stage.host.on("exit", (code) => reject(new Error(`the host ended (${code}): ${stage.said.join("\n")}`)));
    });
    stage.browser = await puppeteer.launch({
      executablePath: chromium(),
      headless: true,
      protocolTimeout: 2 * PATIENCE,
      args: [...(process.getuid() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--disable-dev-shm-usage"],
      defaultViewport: size,
    });
    stage.page = await stage.browser.newPage();
    stage.watch(stage.page);
    await stage.page.goto(stage.address);
    await until("the page is connected", () => stage.page.$('[data-connection="open"]'));
    return stage;
  }

  /** Remembers what a page complains of, and what it asks for elsewhere. */
  watch(page) {
    this.wrong ??= [];
    this.elsewhere ??= [];
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) this.wrong.push(message.text());
    });
    page.on("pageerror", (error) => this.wrong.push(String(error)));
    const origin = new URL(this.address).origin;
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith("data:")) this.elsewhere.push(url);
    });
  }

  /** What was played so far. */
  played() {
    const text = readFileSync(join(this.folder, "played.jsonl"), "utf8");
    return text.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        // The last line may be half written.
        return [];
      }
    });
  }

  /** What is in the editor. */
  text() {
    return this.page.evaluate(() => window.lilt.view.state.doc.toString());
  }

  /** Exchanges the whole text, as pasting it does. */
  async put(text) {
    await this.page.evaluate((text) => {
      const { view } = window.lilt;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, userEvent: "input.paste" });
    }, text);
  }

  async stop() {
    await this.browser?.close();
    this.host?.removeAllListeners("exit");
    this.host?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
