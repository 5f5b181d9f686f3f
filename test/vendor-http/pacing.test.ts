import { beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Names } from "../../src/engine/names.ts";
import { type CallContext, pages } from "../../src/engine/pages.ts";
import { SILENT } from "../../src/log.ts";
import { cursor } from "../../src/providers/cursor/adapter.ts";
import type { Adapter, Question } from "../../src/providers/provider.ts";
import { VendorHttp } from "../../src/vendor-http/client.ts";
import { type Counter, FixedWindow, SlidingWindow, startLimitingVendor } from "./limiting-vendor.ts";
import { endServersAfterwards } from "./loopback.ts";

endServersAfterwards();

/** A vendor's second here, in milliseconds: a minute of Cursor's lasts 540. */
const SECOND = 9;
const MINUTE = 60 * SECOND;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const EVENTS = "/teams/filtered-usage-events";
const END = Date.parse("2026-11-01T00:00:00Z");
const YEAR = { start: Date.parse("2025-11-01T00:00:00Z"), end: END };
/** Fewer than are asked for, so that a small year has many pages. */
const PER_PAGE = 10;

/** One event every 84 minutes of the year, the newest first. */
const EVENT_TIMES = Array.from({ length: 6257 }, (_, index) => END - (index + 1) * 1.4 * HOUR).map(Math.round);

function answer(path: string, body: Record<string, unknown>): unknown {
  if (path !== EVENTS) return { teamMembers: [] };
  const [start = 0, end = 0, page = 1] = ["startDate", "endDate", "page"].map((name) => Number(body[name]));
  const found = EVENT_TIMES.filter((at) => at >= start && at <= end);
  const shown = found.slice((page - 1) * PER_PAGE, page * PER_PAGE);
  const numPages = Math.ceil(found.length / PER_PAGE);
  return {
    totalUsageEventsCount: found.length,
    pagination: { numPages, currentPage: page, pageSize: PER_PAGE, hasNextPage: page < numPages },
    usageEvents: shown.map((at) => ({
      timestamp: String(at),
      model: "claude-4.5-sonnet",
      kind: "Usage-based",
      userEmail: "developer@company.com",
      requestsCosts: 1,
      usageBasedCosts: "$0.04",
      isTokenBasedCall: false,
      chargedCents: 4,
      isChargeable: true,
      isHeadless: false,
    })),
    period: { startDate: start, endDate: end },
  };
}

function vendor(counter: Counter) {
  return startLimitingVendor({ counter, answer }, (path) => path === EVENTS);
}

/** Reads a period's events through the engine's paging and Cursor's own adapter; the instants of the events, in order. */
async function read(http: VendorHttp, url: string, period = YEAR): Promise<number[]> {
  const account = { id: "team", provider: "cursor", base_url: url, credentials: { api_key: "crsr_s3cret" } };
  const [configured] = readConfig({ accounts: [account] }, "test", {});
  if (!configured) throw new Error("there is an account");
  const now = Date.parse("2026-11-23T09:00:00Z");
  const question: Question = {
    account: configured,
    report: "usage",
    period,
    dates: {},
    now,
    filters: {},
    remoteQuery: [],
  };
  const context: CallContext = {
    http,
    names: new Names(SILENT, () => now),
    signal: new AbortController().signal,
    fresh: false,
    progress: () => {},
    failed: (_, error) => {
      throw error;
    },
  };
  const adapter: Adapter = cursor;
  const found: number[] = [];
  for await (const page of pages(context, adapter, question)) {
    expect(page.looping).toBe(false);
    for (const { item } of page.entries) found.push(Number(Object(item)["timestamp"]));
  }
  return found;
}

function paced(): VendorHttp {
  return new VendorHttp(SILENT, { pace: { second: SECOND } });
}

// Time is measured: a machine that is busy otherwise gets another try.
describe("twelve months of Cursor's events", { retry: 2 }, () => {
  // What is slow for the first time only is not to be measured.
  beforeAll(async () => {
    const unlimited = await vendor({ admits: () => true });
    const http = new VendorHttp(SILENT, { pace: { second: 0 } });
    expect(await read(http, unlimited.url, { ...YEAR, start: END - 60 * DAY })).toHaveLength(1028);
  });

  it.each<[string, number, () => Counter]>([
    ["minutes, of which one is half over", MINUTE / 2, () => new FixedWindow(60, MINUTE, MINUTE / 2)],
    ["any minute", MINUTE, () => new SlidingWindow(60, MINUTE)],
  ])(
    "are never refused by a vendor that counts %s, and take no longer than they must",
    async (title, first, counter) => {
      const server = await vendor(counter());
      const started = performance.now();
      const found = await read(paced(), server.url);
      const took = performance.now() - started;
      expect(found).toEqual(EVENT_TIMES);
      expect(server.calls).toBeGreaterThanOrEqual(600);
      expect(server.refused).toBe(0);
      // The first sixty at once, the next when the vendor's first minute is over, and so on.
      const minutes = Math.floor((server.calls - 1) / 60);
      const best = first + (minutes - 1) * MINUTE;
      console.log(
        `a vendor that counts ${title}: ${server.calls} calls, ${server.refused} refused, ${(took / best).toFixed(3)} of the best time`,
      );
      expect(took / best).toBeGreaterThan(0.99);
      expect(took / best).toBeLessThanOrEqual(1.2);
    },
  );
});
