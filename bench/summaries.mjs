// Summaries as large and as long as they get. Vendors and what is measured are processes of their own, so that each one's memory
// and time are its own.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";

const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };

async function bundled(folder, name) {
  const outfile = path.join(folder, `${name}.mjs`);
  const options = { bundle: true, format: "esm", platform: "node", banner };
  await build({ entryPoints: [`bench/${name}.ts`], outfile, ...options });
  return outfile;
}

/** A process that says one thing, as a line of JSON, and its end. */
async function say(...args) {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) return { child, said: JSON.parse(line) };
  throw new Error(`${args[0]} ended without a word`);
}

/** Alternates the two and takes the better of each, so that a busy machine slows both alike. */
const RUNS = 2;

/** Seconds, peak memory and rows of a summary over so many events, and of their floor. @throws when an answer is wrong */
export async function benchLarge(folder, sizes) {
  const client = await bundled(folder, "large-summary");
  const results = [];
  for (const events of sizes) {
    const { child, said } = await say("bench/cursor-events.mjs", String(events));
    try {
      const best = {};
      for (let run = 0; run < RUNS; run++) {
        for (const mode of ["floor", "ours"]) {
          const { said: took } = await say(client, mode, said.url);
          const isRight = mode === "floor" || (took.net === said.net && took.gross === said.gross);
          if (took.rows !== said.rows || !isRight) throw new Error(`${mode} came to ${JSON.stringify(took)}`);
          if (!best[mode] || took.seconds < best[mode].seconds) best[mode] = took;
        }
      }
      results.push({ events, ...best });
    } finally {
      child.stdin.end();
    }
  }
  return results;
}

/** Seconds of a year's summary, without limits and with them, and what each account takes at the best. */
export async function benchYear(folder) {
  const [vendors, client] = [await bundled(folder, "sandbox-server"), await bundled(folder, "year-summary")];
  const { child, said } = await say(vendors, "200");
  try {
    const results = [];
    for (const mode of ["unlimited", "paced"]) {
      const { said: took } = await say(client, JSON.stringify(said), mode);
      if (took.failed.length > 0) throw new Error(took.failed.join(" "));
      results.push({ paced: mode === "paced", ...took });
    }
    return results;
  } finally {
    child.stdin.end();
  }
}
