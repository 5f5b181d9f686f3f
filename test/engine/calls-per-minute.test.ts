import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SILENT } from "../../src/log.ts";
import {
  CONFLUENT_ACCOUNT,
  confluentAnswers,
  costList,
  cursorCodec,
  guardTheEdge,
  list,
  NOTHING_KEPT,
  NOW,
} from "../providers/edge.ts";

guardTheEdge();

/** Milliseconds of a vendor's second. */
const SECOND = 5;

function engineWith(account: Record<string, unknown>): Engine {
  const accounts = readConfig({ accounts: [account] }, "test", {});
  const pace = { second: SECOND };
  return new Engine({ accounts, cursors: cursorCodec(), clock: () => NOW, log: SILENT, cache: NOTHING_KEPT, pace });
}

/** Three months are three calls. */
async function autumn(engine: Engine): Promise<number> {
  const started = performance.now();
  await list(engine, { start_date: "2026-08-01", end_date: "2026-11-01" });
  return performance.now() - started;
}

describe("calls_per_minute", () => {
  it("holds an account back whose vendor publishes no limit", async () => {
    const asked = confluentAnswers(() => costList([]));
    const engine = engineWith({ ...CONFLUENT_ACCOUNT, calls_per_minute: 2 });
    expect(await autumn(engine)).toBeGreaterThanOrEqual(60 * SECOND);
    expect(asked).toHaveLength(3);
  });

  it("holds no account back where it is high, or absent", async () => {
    confluentAnswers(() => costList([]));
    await autumn(engineWith(CONFLUENT_ACCOUNT));
    expect(await autumn(engineWith({ ...CONFLUENT_ACCOUNT, calls_per_minute: 600 }))).toBeLessThan(60 * SECOND);
    expect(await autumn(engineWith(CONFLUENT_ACCOUNT))).toBeLessThan(60 * SECOND);
  });

  it.each([0, -1, 1.5, "60", 1e9])("%j is refused", (calls_per_minute) => {
    expect(() => engineWith({ ...CONFLUENT_ACCOUNT, calls_per_minute })).toThrow(/accounts\[0\]\.calls_per_minute: /);
  });
});
