import { readConfig } from "../../src/accounts/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SILENT } from "../../src/log.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { type Row, rowSchema } from "../../src/usage/row.ts";
import { cursorCodec } from "../providers/edge.ts";
import type { Vocabulary } from "./inputs.ts";

/** A Monday: October is over and published, November runs. */
const NOW = Date.parse("2026-11-23T09:00:00Z");

export interface PropertySandbox {
  engine: Engine;
  close(): Promise<void>;
}

/** The engine over the simulated vendors, whose minutes pass in milliseconds: limits are learned, but not waited for. */
export async function startPropertySandbox(): Promise<PropertySandbox> {
  const sandbox = await startSandbox({ now: () => new Date(NOW) });
  const accounts = readConfig({ accounts: sandbox.accounts }, "sandbox", {});
  const engine = new Engine({
    accounts,
    cursors: cursorCodec(),
    clock: () => NOW,
    log: SILENT,
    pace: { second: 0.1 },
  });
  const close = async () => {
    await engine.close();
    await sandbox.close();
  };
  return { engine, close };
}

/** What a day of every account holds: words that its filters know, and cursors of other questions. */
export async function vocabularyOf(engine: Engine): Promise<Vocabulary> {
  const words = new Map<string, Set<string>>();
  const cursors: string[] = [];
  const learn = (parameter: string, word: string | undefined) => {
    if (word !== undefined) words.set(parameter, (words.get(parameter) ?? new Set()).add(word));
  };
  for (const { id } of engine.accounts) {
    learn("integrated_account_id", id);
    learn("integrated_account_ids", id);
    const query = { integrated_account_id: id, start_date: "2026-10-13", end_date: "2026-10-14", limit: 20 };
    const call = { signal: new AbortController().signal };
    const answer = await engine.listUsage(query, call, { budget: 100_000, withRemoteData: false });
    if (answer.next_cursor) cursors.push(answer.next_cursor);
    for (const row of Object.values(answer.result)) learnFrom(rowSchema.parse(row), learn);
  }
  return { words: Object.fromEntries([...words].map(([name, known]) => [name, [...known].slice(0, 12)])), cursors };
}

function learnFrom(row: Row, learn: (parameter: string, word: string | undefined) => void): void {
  learn("product_ids", row.product?.id);
  learn("product_ids", row.product?.name);
  learn("model_ids", row.model?.id);
  learn("surfaces", row.surface);
  for (const parameter of ["user_ids", "user_id"]) {
    learn(parameter, row.user?.id);
    learn(parameter, row.user?.email);
  }
  learn("api_key_id", row.resources?.[0]?.id);
}
