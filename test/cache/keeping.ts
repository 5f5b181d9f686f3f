import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import type { CacheConfig } from "../../src/cache/config.ts";
import type { KeptAnswer, Key } from "../../src/cache/kept-answer.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Log } from "../../src/log.ts";
import { CONFLUENT_ACCOUNT, costList, cursorCodec, list, NOW, rowsOf } from "../providers/edge.ts";

/** What a log was told, with each line's level, as JSON. */
export interface Told {
  log: Log;
  lines: string[];
  /** Lines of a level. */
  of(level: keyof Log): string[];
}

export function listen(): Told {
  const lines: string[] = [];
  const at = (level: keyof Log) => (fields: Record<string, unknown>, message: string) => {
    lines.push(JSON.stringify({ level, ...fields, message }));
  };
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { log, lines, of: (level) => lines.filter((line) => line.startsWith(`{"level":"${level}"`)) };
}

export const OTHER_ACCOUNT = {
  ...CONFLUENT_ACCOUNT,
  id: "other",
  credentials: { api_key: "cc-key-of-the-other", api_secret: "cc-secret-of-the-other" },
};

/** A copy of the server: nothing in common with another but what its cache says. */
export function copyOf(cache: CacheConfig, log: Log, accounts: readonly unknown[] = [CONFLUENT_ACCOUNT]): Engine {
  const configured = readConfig({ accounts }, "test", {});
  return new Engine({ accounts: configured, cursors: cursorCodec(), clock: () => NOW, log, cache });
}

/** What a Confluent account is answered: one line, whose amount tells which call it was. */
export function costsOf(amount: number): Response {
  return costList([
    {
      start_date: "2026-11-20",
      end_date: "2026-11-21",
      granularity: "DAILY",
      line_type: "KAFKA_STORAGE",
      product: "KAFKA",
      resource: { id: "lkc-kept" },
      amount,
      original_amount: amount,
    },
  ]);
}

/** The amount that an account's November is answered with. */
export async function amountFrom(engine: Engine, account = "confluent"): Promise<unknown> {
  const query = { integrated_account_id: account, start_date: "2026-11-01", end_date: "2026-11-23" };
  const [row] = rowsOf(await list(engine, query));
  const charges = row?.["charges"];
  if (!Array.isArray(charges)) throw new Error("the row has no charges");
  return charges.find(({ type }) => type === "net")?.amount;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder, removed when the test file ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "usage-mcp-cache-"));
  folders.push(folder);
  return folder;
}

/** The files of answers in a cache's folder, and what killed processes left of some. */
export function filesIn(folder: string): { answers: string[]; leftOvers: string[] } {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name));
  return {
    answers: files.filter((file) => /^[0-9a-f]{64}$/.test(path.basename(file))),
    leftOvers: files.filter((file) => /^[0-9a-f]{64}\.\d+$/.test(path.basename(file))),
  };
}

export const KEY: Key = { name: "3f".repeat(32), secret: Buffer.alloc(32, 7) };

export function answerOf(raw: Buffer | string, about: Partial<KeptAnswer> = {}): KeptAnswer {
  return {
    at: NOW,
    settled: true,
    until: NOW + 86_400_000,
    url: "https://api.confluent.cloud/billing/v1/costs?start_date=2026-10-01",
    method: "GET",
    status: 200,
    headers: { "content-type": "application/json", "x-request-id": "r-1" },
    raw: Buffer.from(raw),
    ...about,
  };
}
