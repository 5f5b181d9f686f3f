import { Secret } from "../src/accounts/secret.ts";
import { Engine } from "../src/engine/engine.ts";
import { SILENT } from "../src/log.ts";
import { CursorCodec } from "../src/usage/cursor.ts";

const RUNS = 100;

/** A vendor's answer of about 1,000 Confluent lines, as its text. */
function vendorText(lines: number): string {
  const data = Array.from({ length: lines }, (_, index) => ({
    start_date: `2026-10-${String((index % 31) + 1).padStart(2, "0")}`,
    end_date: index % 31 === 30 ? "2026-11-01" : `2026-10-${String((index % 31) + 2).padStart(2, "0")}`,
    granularity: "DAILY",
    product: "CONNECT",
    line_type: "CONNECT_NUM_TASKS",
    network_access_type: "INTERNET",
    price: 0.19479167,
    quantity: 96 + index,
    unit: "Task-hour",
    original_amount: 18.7 + index / 1000,
    discount_amount: 1.496,
    amount: Math.round((17.204 + index / 1000) * 1000) / 1000,
    resource: { id: `lcc-${index}`, display_name: `bq-sink-silver-${index}`, environment: { id: "env-m62nqq" } },
  }));
  return JSON.stringify({ api_version: "billing/v1", kind: "CostList", metadata: {}, data });
}

async function medianMs(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

interface PageTimes {
  title: string;
  rows: number;
  ours: number;
  floor: number;
}

/**
 * From a vendor's bytes to the answer's bytes, for a page of 1,000 rows; the floor is JSON.parse of the one and
 * JSON.stringify of the other. The network is left out: fetch hands over the text.
 */
export async function benchPage(): Promise<PageTimes[]> {
  const text = vendorText(1000);
  globalThis.fetch = async () => new Response(text, { headers: { "content-type": "application/json" } });
  const credentials = { api_key: new Secret("k"), api_secret: new Secret("s") };
  const account = { id: "c", provider: "confluent", name: "c", settings: {}, credentials } as const;
  const cursors = new CursorCodec(() => Buffer.from("key"));
  const engine = new Engine({
    accounts: [account],
    cursors,
    clock: () => Date.UTC(2026, 10, 23),
    log: SILENT,
    cache: { memoryMb: 0, openSeconds: 0 },
    pace: { second: 0 },
  });
  const list = (withRemoteData: boolean) =>
    engine.listUsage(
      { start_date: "2026-10-01", limit: 1000 },
      { signal: new AbortController().signal },
      { budget: Number.POSITIVE_INFINITY, withRemoteData },
    );
  const measure = async (title: string, withRemoteData: boolean): Promise<PageTimes> => {
    const answer = await list(withRemoteData);
    const floor = await medianMs(() => [JSON.parse(text), JSON.stringify(answer)]);
    const ours = await medianMs(async () => JSON.stringify(await list(withRemoteData)));
    return { title, rows: answer.result_count, ours, floor };
  };
  return [await measure("rows only", false), await measure("with remote_data", true)];
}
