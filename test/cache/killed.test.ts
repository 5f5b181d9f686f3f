import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, utimesSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { sweep } from "../../src/cache/disk-sweeper.ts";
import { emptyFolder, filesIn } from "./keeping.ts";

const ROUNDS = 100;
const NAMES = 6;
const HOUR = 3_600_000;

const foundShape = z.object({ served: z.number(), missing: z.number(), wrong: z.number(), broken: z.number() });
type Found = z.infer<typeof foundShape>;

/** The program as Node can run it: bundled as the server is. */
async function bundled(): Promise<string> {
  const outfile = path.join(emptyFolder(), "restless.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("restless.ts", import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20.18",
    define: { __filename: "import.meta.filename" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return outfile;
}

/** What a fresh process found in the folder; it wrote for some milliseconds more, and was killed. */
async function lifeOf(program: string, folder: string, round: number, milliseconds: number): Promise<Found> {
  const child = spawn(process.execPath, [program, folder, `${round}`], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended.then(() => ["null"])]);
  await sleep(milliseconds);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
  return foundShape.parse(JSON.parse(String(line)));
}

describe("processes that share a folder and are killed while they write", () => {
  it(`leave nothing but whole answers, ${ROUNDS} times`, { timeout: 120_000 }, async () => {
    const program = await bundled();
    const folder = emptyFolder();
    // Long enough to write every answer, some of them more than once.
    await lifeOf(program, folder, 0, 1500);
    const found: Found[] = [];
    let round = 0;
    const lane = async () => {
      while (round < ROUNDS) found.push(await lifeOf(program, folder, ++round, 5 + Math.random() * 40));
    };
    await Promise.all([lane(), lane()]);
    const total = (key: keyof Found) => found.reduce((sum, one) => sum + one[key], 0);
    const { answers, leftOvers } = filesIn(folder);
    console.log(
      `${found.length} killed: ${total("served")} answers served, ${total("missing")} missing, ${total("wrong")} wrong, ${total("broken")} broken; ${leftOvers.length} half-written files left over`,
    );
    // What was there once stays there whatever is killed: a file is replaced by a whole one or not at all.
    expect(found).toEqual(Array(ROUNDS).fill({ served: NAMES, missing: 0, wrong: 0, broken: 0 }));
    expect(answers).toHaveLength(NAMES);
    expect(leftOvers.length, "nobody was killed while he wrote").toBeGreaterThan(0);
    for (const file of answers) expect(statSync(file).mode & 0o777).toBe(0o600);
    const old = new Date(Date.now() - 2 * HOUR);
    for (const file of leftOvers) utimesSync(file, old, old);
    await sweep(folder, 1e9, Date.now());
    expect(filesIn(folder)).toEqual({ answers, leftOvers: [] });
  });
});
