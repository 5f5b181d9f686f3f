// A summary of twelve months over all simulated vendors, each answer 200 ms late, and what the vendors' own limits allow at best.
// Vendors answer from a process of their own; the accounts come as a line of JSON in the first argument. With `unlimited` as the
// second, nothing is paced: what is left is the latency, and how much is asked at once.
import { readConfig } from "../src/accounts/config.ts";
import { Engine } from "../src/engine/engine.ts";
import { SILENT } from "../src/log.ts";
import { ADAPTERS } from "../src/providers/index.ts";
import { CursorCodec } from "../src/usage/cursor.ts";

const NOW = Date.UTC(2026, 10, 23, 9);
const LATENCY_SECONDS = 0.2;

const [, , given = "[]", mode] = process.argv;
const isPaced = mode !== "unlimited";
const accounts = readConfig({ accounts: JSON.parse(given) }, "bench", {}).map((account) =>
  isPaced ? account : { ...account, callsPerMinute: 1_000_000 },
);
const called = new Map<string, string[]>();
const fetched = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = new URL(String(input));
  const own = accounts.find(({ baseUrl, settings }) =>
    [baseUrl, settings["analytics_base_url"]].some((base) => base !== undefined && url.href.startsWith(base)),
  );
  const calls = called.get(own?.id ?? "") ?? [];
  calls.push(url.pathname);
  called.set(own?.id ?? "", calls);
  return fetched(input, init);
};

const engine = new Engine({
  accounts,
  cursors: new CursorCodec(() => Buffer.from("key")),
  clock: () => NOW,
  log: SILENT,
});
const started = performance.now();
const summary = await engine.summarizeCost(
  {
    accounts,
    period: { start: Date.UTC(2025, 11, 1), end: Date.UTC(2026, 11, 1) },
    groupBy: ["provider", "month"],
    filters: {},
    limit: 100,
  },
  { signal: new AbortController().signal },
);
const seconds = (performance.now() - started) / 1000;

/**
 * The best possible of an account: its calls, as many at a time as the vendor is asked, each as long as the latency; and no sooner
 * than its tightest limit lets the last of them go.
 */
const best = accounts.map((account) => {
  const connection = ADAPTERS[account.provider].connect(account, NOW);
  const calls = called.get(account.id) ?? [];
  const perLimit = new Map<string, { count: number; calls: number; seconds: number }>();
  for (const path of calls) {
    const { name, rate } = connection.limit({ method: "GET", path });
    if (!rate || !isPaced) continue;
    const counted = perLimit.get(name) ?? { count: 0, ...rate };
    counted.count++;
    perLimit.set(name, counted);
  }
  const waits = [...perLimit.values()].map((limit) => limit.seconds * Math.floor((limit.count - 1) / limit.calls));
  const rounds = Math.ceil(calls.length / connection.concurrency) * LATENCY_SECONDS;
  const paced = Math.max(0, ...waits);
  const limits = [...perLimit.values()].map((limit) => `${limit.count} of ${limit.calls} in ${limit.seconds} s`);
  return {
    account: account.id,
    calls: calls.length,
    concurrency: connection.concurrency,
    limits,
    seconds: Math.max(rounds, paced + (paced > 0 ? LATENCY_SECONDS : 0)),
  };
});
const failed = summary.accounts.filter(({ status }) => status === "error").map(({ error }) => error);
console.log(JSON.stringify({ seconds, best, failed }));
process.exit();
