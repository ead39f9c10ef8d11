// Builds the page into the folder given, or into dist: what the program embeds. The same sources and packages give the
// same bytes.
import { readFileSync, mkdirSync, copyFileSync, writeFileSync, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const to = process.argv[2] ?? join(here, "dist");
mkdirSync(to, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.ts" },
  outdir: to,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16.4"],
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
});
await build({
  absWorkingDir: here,
  entryPoints: { page: "src/page.css" },
  outdir: to,
  bundle: true,
  minify: true,
  charset: "utf8",
  logLevel: "warning",
});
for (const name of ["index.html", "stage.html", "icon.svg"]) copyFileSync(join(here, "src", name), join(to, name));

// The licences of what is bundled, and of nothing else.
const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (found) packages.add(found[1]);
}
const licences = [...packages].sort().map((name) => {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  if (!file || !existsSync(join(folder, file))) throw new Error(`${name} has no file with its licence`);
  const text = readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
});
const line = `${"-".repeat(72)}\n`;
writeFileSync(
  join(to, "licences.txt"),
  `Lilt's page is made with these, each under its own licence.\n\n${licences.map((one) => line + one).join("\n")}`,
);
