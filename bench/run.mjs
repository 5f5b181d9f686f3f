// npm run bench: what the promises of speed look like on this machine. Prints, never fails: times are no test.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { encode } from "gpt-tokenizer";
import { benchStartup } from "./startup.mjs";
import { benchLarge, benchYear } from "./summaries.mjs";

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

  const large = await benchLarge(folder, [10_000, 100_000, 1_000_000]);
  const { ours, floor } = large.at(-1);
  const rate = ({ rows, seconds }) => `${Math.round(rows / seconds).toLocaleString("en")} rows/s`;
  const took = ({ seconds, megabytes }) => `${seconds.toFixed(2)} s, at most ${megabytes} MB resident`;
  print("get_cost_summary over 1,000,000 Cursor events by user and model, in pages of 1,000 from loopback", [
    `fetch + JSON.parse alone           ${rate(floor)} (${took(floor)})`,
    `usage-mcp                          ${rate(ours)} (${took(ours)})`,
    `of the floor's rate                ${Math.round((100 * floor.seconds) / ours.seconds)} % (aim: at least 60 %, in at most 256 MB)`,
  ]);
  print(
    "The same at other sizes: all in, the start of the process left out",
    large.map(({ events, ours }) => `${events.toLocaleString("en").padEnd(34)} ${took(ours)}`),
  );
  for (const { paced, seconds, best } of await benchYear(folder)) {
    const longest = Math.max(...best.map((account) => account.seconds));
    const limits = paced ? "each vendor's own limits kept" : "limits lifted";
    print(`get_cost_summary of 12 months over all simulated vendors, each answer 200 ms late, ${limits}`, [
      `usage-mcp                          ${seconds.toFixed(1)} s`,
      `best possible                      ${longest.toFixed(1)} s: that of the account which takes longest`,
      ...best.map(({ account, calls, concurrency, limits, seconds }) =>
        [
          `  ${account.padEnd(32)} ${seconds.toFixed(1)} s: ${calls} calls, ${concurrency} at a time, 0.2 s each`,
          ...limits.map((limit) => `of its limit ${limit}`),
        ].join("; "),
      ),
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
