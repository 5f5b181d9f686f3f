// npm run bench: what the promises of speed look like on this machine. Prints, never fails: times are no test.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { encode } from "gpt-tokenizer";
import { benchStartup } from "./startup.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const folder = await mkdtemp(path.join(tmpdir(), "usage-mcp-bench-"));

const ms = (value) => `${value.toFixed(1)} ms`;
const times = (ours, floor) => `${(ours / floor).toFixed(2)}x`;
const print = (title, lines) => console.log([`\n${title}`, ...lines.map((line) => `  ${line}`)].join("\n"));

try {
  const config = path.join(folder, "accounts.json");
  const credentials = { api_key: "bench", application_key: "bench" };
  await writeFile(config, JSON.stringify({ accounts: [{ id: "datadog", provider: "datadog", credentials }] }));
  const startup = await benchStartup(["dist/cli.js", "--config", config], ["bench/empty-server.mjs"], {});
  print(`Start-up: spawn to tools/list answered, median of ${startup.runs}`, [
    `usage-mcp                          ${ms(startup.ours)}`,
    `same SDK, one empty tool           ${ms(startup.floor)}`,
    `ratio                              ${times(startup.ours, startup.floor)} (aim: at most 1.0x)`,
  ]);

  const bundle = path.join(folder, "page.mjs");
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  await build({
    entryPoints: ["bench/page.ts"],
    bundle: true,
    outfile: bundle,
    format: "esm",
    platform: "node",
    banner,
  });
  const { benchPage } = await import(pathToFileURL(bundle).href);
  const pages = await benchPage();
  for (const { title, ours, floor, rows } of pages) {
    print(`A page of ${rows} rows, ${title}: vendor bytes to answer bytes, median`, [
      `JSON.parse + JSON.stringify        ${ms(floor)}`,
      `usage-mcp, all in                  ${ms(ours)}`,
      `usage-mcp's own part               ${ms(ours - floor)}, ${times(ours - floor, floor)} of the former (aim: at most 2x)`,
    ]);
  }

  const sizes = startup.tools.map(({ name, description, inputSchema }) => [
    name,
    encode(JSON.stringify({ name, description, inputSchema })).length,
  ]);
  print("tools/list: tokens a model reads (name, description, input schema; o200k)", [
    ...sizes.map(([name, size]) => `${name.padEnd(34)} ${size} (at most 700)`),
    `${"all".padEnd(34)} ${sizes.reduce((sum, [, size]) => sum + size, 0)} (at most 4000)`,
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
