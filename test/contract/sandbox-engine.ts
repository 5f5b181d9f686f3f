import { vi } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import { SILENT } from "../../src/log.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import type { SandboxAccount } from "../../src/sandbox/vendor.ts";
import type { Query } from "../../src/usage/query.ts";
import { type Row, rowSchema } from "../../src/usage/row.ts";
import { cursorCodec, NOTHING_KEPT } from "../providers/edge.ts";

/** A Monday: October is over and published, November runs. */
const NOW = Date.parse("2026-11-23T09:00:00Z");

export interface Probe {
  rows: readonly Row[];
  answer: ListAnswer;
  /** What the vendor was asked: method, path, query decoded, body. */
  wire: readonly string[];
}

/** The engine over all simulated vendors, through the same HTTP as ever, and what goes over it. */
export class SandboxEngine {
  readonly engine: Engine;
  readonly close: () => Promise<void>;
  readonly #wire: string[];

  private constructor(engine: Engine, wire: string[], close: () => Promise<void>) {
    this.engine = engine;
    this.#wire = wire;
    this.close = close;
  }

  /**
   * @param change other accounts at the same simulated vendors
   * @param cache nothing unless a test asks much and looks at no vendor call
   */
  static async start(
    change = (accounts: readonly SandboxAccount[]): readonly unknown[] => accounts,
    cache = NOTHING_KEPT,
  ) {
    const sandbox = await startSandbox({ now: () => new Date(NOW) });
    const accounts = readConfig({ accounts: change(sandbox.accounts) }, "sandbox", {});
    const engine = new Engine({
      accounts,
      cursors: cursorCodec(),
      clock: () => NOW,
      log: SILENT,
      cache,
      pace: { second: 0 },
    });
    const wire: string[] = [];
    const real = globalThis.fetch;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
      const { pathname, searchParams } = new URL(String(input));
      const query = [...searchParams].map(([name, value]) => `${name}=${value}`).join("&");
      wire.push([init?.method ?? "GET", pathname, query, String(init?.body ?? "")].join(" ").trim());
      return real(input, init);
    });
    const close = async () => {
      spy.mockRestore();
      await sandbox.close();
    };
    return new SandboxEngine(engine, wire, close);
  }

  async list(query: Query, withRemoteData = false): Promise<Probe> {
    this.#wire.length = 0;
    const answer = await this.engine.listUsage(
      query,
      { signal: new AbortController().signal },
      { budget: Number.POSITIVE_INFINITY, withRemoteData },
    );
    return { rows: rowsOf(answer), answer, wire: [...this.#wire] };
  }

  /** All rows, page after page. */
  async all(query: Query): Promise<Row[]> {
    const rows: Row[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { answer, rows: page } = await this.list({ ...query, ...(cursor ? { cursor } : {}) });
      rows.push(...page);
      cursor = answer.next_cursor;
    }
    return rows;
  }
}

function rowsOf({ result }: ListAnswer): Row[] {
  if (!Array.isArray(result)) throw new Error("the result is not a list");
  return result.map((row) => rowSchema.parse(row));
}
