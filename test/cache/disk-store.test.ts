import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { CacheConfig } from "../../src/cache/config.ts";
import { DiskStore } from "../../src/cache/disk-store.ts";
import { sweep } from "../../src/cache/disk-sweeper.ts";
import { SealedStore } from "../../src/cache/sealed-store.ts";
import { SILENT } from "../../src/log.ts";
import { CONFLUENT_ACCOUNT, confluentAnswers, guardTheEdge, SECRETS } from "../providers/edge.ts";
import {
  amountFrom,
  answerOf,
  copyOf,
  costsOf,
  emptyFolder,
  filesIn,
  KEY,
  listen,
  OTHER_ACCOUNT,
  type Told,
} from "./keeping.ts";

guardTheEdge();

const HOUR = 3_600_000;

let folder: string;
let told: Told;
let asked: string[];
beforeEach(() => {
  folder = emptyFolder();
  told = listen();
  asked = confluentAnswers(() => costsOf(asked.length));
});

/** Memory is left out, so that what answers is the folder. */
const onDisk = (where = folder): CacheConfig => ({ memoryMb: 0, openSeconds: 300, folder: { path: where, mb: 64 } });

async function askedBy(copy = copyOf(onDisk(), told.log), account?: string): Promise<unknown> {
  const amount = await amountFrom(copy, account);
  await copy.close();
  return amount;
}

function onlyFile(): string {
  const [file, ...others] = filesIn(folder).answers;
  if (!file || others.length > 0) throw new Error("there should be one file");
  return file;
}

describe("answers in a folder", () => {
  it("serve the next process: no vendor is asked", async () => {
    expect(await askedBy()).toBe(1);
    expect(await askedBy()).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it("are for their owner only, and show nothing of the account", async () => {
    await askedBy();
    const file = onlyFile();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    const bytes = readFileSync(file, "latin1");
    for (const word of [...SECRETS, "lkc-kept", "KAFKA_STORAGE", "billing"]) expect(bytes).not.toContain(word);
    expect(file).not.toMatch(/confluent|billing/);
  });

  it("answer no other account: not one with the same id and another key, nor one with the same key and another id", async () => {
    await askedBy();
    const rekeyed = { ...CONFLUENT_ACCOUNT, credentials: OTHER_ACCOUNT.credentials };
    const renamed = { ...OTHER_ACCOUNT, credentials: CONFLUENT_ACCOUNT.credentials };
    expect(await askedBy(copyOf(onDisk(), told.log, [rekeyed]))).toBe(2);
    expect(await askedBy(copyOf(onDisk(), told.log, [renamed]), "other")).toBe(3);
    expect(await askedBy()).toBe(1);
  });

  it("don't open in another account's place", async () => {
    await askedBy();
    const mine = onlyFile();
    await askedBy(copyOf(onDisk(), told.log, [OTHER_ACCOUNT]), "other");
    const theirs = filesIn(folder).answers.find((file) => file !== mine);
    copyFileSync(mine, theirs ?? "");
    expect(await askedBy(copyOf(onDisk(), told.log, [OTHER_ACCOUNT]), "other")).toBe(3);
    expect(told.of("debug").join()).toContain("does not open");
  });
});

const whole = (file: string) => readFileSync(file);
const DAMAGES: [string, (file: string) => void][] = [
  ["nothing in it", (file) => truncateSync(file, 0)],
  ["its header cut", (file) => truncateSync(file, 3)],
  ["its nonce cut", (file) => truncateSync(file, 10)],
  ["its tag cut", (file) => truncateSync(file, 25)],
  ["its body cut", (file) => truncateSync(file, 200)],
  ["its last byte cut", (file) => truncateSync(file, statSync(file).size - 1)],
  ["another version", (file) => writeFileSync(file, Buffer.concat([Buffer.from("UMA\x02"), whole(file).subarray(4)]))],
  ["something behind it", (file) => writeFileSync(file, "more", { flag: "a" })],
  ["zeros, as after a crash of the machine", (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ["another text", (file) => writeFileSync(file, '{"data":[]}')],
  ["one bit changed", (file) => writeFileSync(file, whole(file).fill(whole(file).readUInt8(300) ^ 1, 300, 301))],
];

describe("a file that was damaged", () => {
  it.each(DAMAGES)("is as if it were not there, and is replaced: %s", async (_, damage) => {
    await askedBy();
    damage(onlyFile());
    expect(await askedBy()).toBe(2);
    expect(told.of("debug").join()).toContain("does not open");
    expect(told.of("warn")).toEqual([]);
    expect(await askedBy()).toBe(2);
    expect(asked).toHaveLength(2);
  });
});

describe("a file that does not open", () => {
  it("is removed", async () => {
    const store = new SealedStore("folder", async () => new DiskStore(folder, 1e8, SILENT), told.log);
    await store.set(KEY, answerOf("{}"), 3600);
    expect((await store.get(KEY))?.raw.toString()).toBe("{}");
    truncateSync(onlyFile(), 40);
    expect(await store.get(KEY)).toBeUndefined();
    expect(filesIn(folder).answers).toEqual([]);
    expect(told.lines).toEqual([expect.stringContaining(KEY.name)]);
    await store.close();
  });
});

describe("a folder that fails", () => {
  it("is made again when somebody cleared it away", async () => {
    await askedBy();
    rmSync(folder, { recursive: true });
    expect(await askedBy()).toBe(2);
    expect(await askedBy()).toBe(2);
    expect(told.of("warn")).toEqual([]);
  });

  it("costs a line in the log, and no answer", async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file in its place");
    const copy = copyOf(onDisk(), told.log);
    expect(await amountFrom(copy)).toBe(1);
    expect(await amountFrom(copy)).toBe(2);
    await copy.close();
    expect(told.of("warn")).toEqual([expect.stringContaining('"store":"folder","error":"ENOTDIR"')]);
  });
});

const nameOf = (index: number) => index.toString(16).padStart(2, "0").repeat(32);

describe("a folder that is full", () => {
  const MIB = 1024 * 1024;

  it("stays below its bound while much is written", async () => {
    const store = new DiskStore(folder, 4 * MIB, SILENT);
    for (let index = 0; index < 200; index++) await store.set(nameOf(index), Buffer.alloc(MIB / 10), 3600);
    await store.close();
    const bytes = filesIn(folder).answers.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThanOrEqual(4 * MIB);
    expect(bytes).toBeGreaterThan(3 * MIB);
    expect(await store.get(nameOf(199))).toBeDefined();
    expect(await store.get(nameOf(0))).toBeUndefined();
  });

  it("loses first what was used least lately, as reading it counts", async () => {
    const store = new DiskStore(folder, 4 * MIB, SILENT);
    for (let index = 0; index < 10; index++) await store.set(nameOf(index), Buffer.alloc(100_000), 3600);
    for (const [index, file] of filesIn(folder).answers.sort().entries())
      utimesSync(file, new Date(Date.now() - (20 - index) * HOUR), new Date(Date.now() + HOUR));
    await store.get(nameOf(0));
    await store.get(nameOf(3));
    await sweep(folder, 420_000, Date.now());
    expect(
      filesIn(folder)
        .answers.map((file) => path.basename(file))
        .sort(),
    ).toEqual([0, 3, 8, 9].map((index) => nameOf(index)));
  });

  it("loses what is out of date, what killed processes left, and nothing that is not the cache's", async () => {
    const store = new DiskStore(folder, 4 * MIB, SILENT);
    await store.set(nameOf(1), Buffer.alloc(100), 60);
    await store.set(nameOf(2), Buffer.alloc(100), 30 * 86_400);
    const beside = path.join(folder, nameOf(2).slice(0, 2), `${nameOf(2)}.12345`);
    const foreign = [
      path.join(folder, "notes.txt"),
      path.join(folder, "02", "notes.txt"),
      path.join(folder, "mine", nameOf(3)),
    ];
    mkdirSync(path.join(folder, "mine"));
    for (const file of [beside, ...foreign]) writeFileSync(file, "half");
    for (const file of foreign) utimesSync(file, new Date(0), new Date(0));
    await sweep(folder, 4 * MIB, Date.now());
    expect(filesIn(folder).leftOvers).toEqual([beside]);
    await sweep(folder, 4 * MIB, Date.now() + 2 * HOUR);
    const { answers, leftOvers } = filesIn(folder);
    expect(leftOvers).toEqual([]);
    expect(answers.map((file) => path.basename(file)).sort()).toEqual([nameOf(2), nameOf(3)]);
    for (const file of foreign) expect(readFileSync(file, "utf8")).toBe("half");
  });

  it("keeps nothing that would push out most others", async () => {
    const store = new SealedStore("folder", async () => new DiskStore(folder, 64 * 1024, SILENT), SILENT);
    await store.set(KEY, answerOf(randomBytes(20_000)), 3600);
    expect(filesIn(folder).answers).toEqual([]);
    await store.set(KEY, answerOf(randomBytes(10_000)), 3600);
    await store.close();
    expect(filesIn(folder).answers).toHaveLength(1);
  });
});
