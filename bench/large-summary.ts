// One measurement of a large summary, in a process of its own: `ours URL` or `floor URL`. Says what it took as a line of JSON.
import { readFileSync } from "node:fs";
import { Secret } from "../src/accounts/secret.ts";
import { Engine } from "../src/engine/engine.ts";
import { SILENT } from "../src/log.ts";
import { CursorCodec } from "../src/usage/cursor.ts";

const PERIOD = { start: Date.UTC(2026, 8, 1), end: Date.UTC(2026, 10, 1) };
const HALF_MONTHS = [Date.UTC(2026, 9, 16), Date.UTC(2026, 9, 1), Date.UTC(2026, 8, 16), Date.UTC(2026, 8, 1)];

interface Sum {
  rows: number;
  net?: number | undefined;
  gross?: number | undefined;
}

async function ours(url: string): Promise<Sum> {
  const credentials = { api_key: new Secret("key_of-the-bench") };
  const settings = { name: "Cursor", settings: {}, credentials, baseUrl: url, callsPerMinute: 1_000_000 };
  const account = { id: "cursor", provider: "cursor", ...settings } as const;
  const clock = () => Date.UTC(2026, 10, 23);
  const cursors = new CursorCodec(() => Buffer.from("key"));
  const engine = new Engine({
    accounts: [account],
    cursors,
    clock,
    log: SILENT,
  });
  const asked = { accounts: [account], period: PERIOD, groupBy: ["user", "model"], filters: {}, limit: 50 } as const;
  const summary = await engine.summarizeCost(asked, { signal: new AbortController().signal });
  const [total] = summary.totals;
  const rows = Number(total?.["rows"]);
  return { rows, net: total?.net, gross: total?.gross };
}

/** The same requests, and nothing done with the answers but JSON.parse. */
async function floor(url: string): Promise<Sum> {
  let rows = 0;
  let endDate = PERIOD.end - 1;
  for (const startDate of HALF_MONTHS) {
    for (let page = 1, more = true; more; page++) {
      const body = JSON.stringify({ startDate, endDate, page, pageSize: 1000 });
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/teams/filtered-usage-events`, { method: "POST", headers, body });
      const answer = JSON.parse(await response.text());
      rows += answer.usageEvents.length;
      more = answer.pagination.hasNextPage;
    }
    endDate = startDate - 1;
  }
  return { rows };
}

const [, , mode, url = ""] = process.argv;
const started = performance.now();
const sum = await (mode === "floor" ? floor(url) : ours(url));
const seconds = (performance.now() - started) / 1000;
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const { user, system } = process.cpuUsage();
const cpu = (user + system) / 1e6;
console.log(JSON.stringify({ ...sum, seconds, cpu, megabytes: Math.round(Number(peak) / 1024) }));
process.exit();
