/**
 * A process of its own: reads all answers of a folder, says on stdout what it found, then writes large ones for ever, until it is
 * killed. `node restless.mjs FOLDER ROUND`
 */
import { createCipheriv, createHash } from "node:crypto";
import { DiskStore } from "../../src/cache/disk-store.ts";
import type { KeptAnswer, Key } from "../../src/cache/kept-answer.ts";
import { SealedStore } from "../../src/cache/sealed-store.ts";
import { type Log, SILENT } from "../../src/log.ts";

const NAMES = 6;
const WRITERS = 3;
const MIB = 1024 * 1024;

const hash = (text: string) => createHash("sha256").update(text).digest();

const keyOf = (index: number): Key => ({ name: hash(`name ${index}`).toString("hex"), secret: hash("secret") });

/** What was written as the n-th answer: 16 to 250 KiB that no two answers share and nothing makes smaller. */
function bodyOf(written: string): Buffer {
  const seed = hash(written);
  const size = 16_384 + (seed.readUInt32BE() % 240_000);
  return createCipheriv("aes-128-ctr", seed.subarray(0, 16), seed.subarray(16)).update(Buffer.alloc(size));
}

const [folder = "", round = ""] = process.argv.slice(2);
let broken = 0;
const log: Log = {
  ...SILENT,
  debug: (_, message) => {
    if (message.includes("does not open")) broken++;
  },
  warn: (fields, message) => {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
};
const store = new SealedStore("folder", async () => new DiskStore(folder, 1024 * MIB, log), log);

let served = 0;
let wrong = 0;
for (let index = 0; index < NAMES; index++) {
  const answer = await store.get(keyOf(index));
  if (!answer) continue;
  const isAsWritten = answer.raw.equals(bodyOf(answer.url)) && answer.headers["name"] === keyOf(index).name;
  if (isAsWritten) served++;
  else wrong++;
}
process.stdout.write(`${JSON.stringify({ served, missing: NAMES - served - wrong, wrong, broken })}\n`);

async function writeForEver(writer: number): Promise<never> {
  for (let count = Number(round) + writer; ; count += WRITERS) {
    const key = keyOf(count % NAMES);
    const url = `${round}-${count}`;
    const about = { at: 0, settled: true, until: 0, url, method: "GET", status: 200, headers: { name: key.name } };
    const answer: KeptAnswer = { ...about, raw: bodyOf(url) };
    await store.set(key, answer, 30 * 86_400);
  }
}
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeForEver(writer)));
