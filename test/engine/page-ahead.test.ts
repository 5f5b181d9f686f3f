import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Names } from "../../src/engine/names.ts";
import { pagesAhead } from "../../src/engine/page-ahead.ts";
import { type CallContext, type FetchedPage, pages } from "../../src/engine/pages.ts";
import { SILENT } from "../../src/log.ts";
import { ADAPTERS } from "../../src/providers/index.ts";
import type { Adapter, Question } from "../../src/providers/provider.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { VendorHttp } from "../../src/vendor-http/client.ts";

const NOW = Date.parse("2026-11-23T09:00:00Z");

afterEach(() => {
  vi.restoreAllMocks();
});

interface Asked {
  adapter: Adapter;
  question: Question;
}

async function asked(id: string, start: number, end: number): Promise<Asked> {
  const sandbox = await startSandbox({ now: () => new Date(NOW) });
  onTestFinished(() => sandbox.close());
  const account = readConfig({ accounts: sandbox.accounts }, "test", {}).find((one) => one.id === id);
  if (!account) throw new Error(`the sandbox has no ${id}`);
  const adapter = ADAPTERS[account.provider];
  const period = adapter.cover({ start, end }, { account, report: "cost", now: NOW });
  const groupBy = ["product"] as const;
  return {
    adapter,
    question: { account, report: "cost", period, dates: {}, now: NOW, filters: {}, groupBy, remoteQuery: [] },
  };
}

function context(signal = new AbortController().signal): CallContext {
  const clock = () => NOW;
  const http = new VendorHttp(SILENT, { clock, pace: { second: 0 } });
  const names = new Names(SILENT, clock);
  return { http, names, fresh: false, signal, progress: () => {}, failed: () => {} };
}

/** What vendors are asked; every answer after `delay()` milliseconds. */
function watched(delay = () => 0): { wire: string[]; flying: () => number } {
  const wire: string[] = [];
  let flying = 0;
  const fetched = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const { pathname, search } = new URL(String(input));
    wire.push(`${pathname}${search} ${String(init?.body ?? "")}`);
    flying++;
    try {
      const answer = await fetched(input, init);
      await sleep(delay(), undefined, init?.signal ? { signal: init.signal } : {});
      return answer;
    } finally {
      flying--;
    }
  });
  return { wire, flying: () => flying };
}

/** Every row's amounts, in the order in which they come. */
async function amountsOf(read: AsyncIterable<FetchedPage>): Promise<string[]> {
  const amounts: string[] = [];
  for await (const { entries } of read)
    for (const { rows } of entries)
      for (const { start_date, charges = [] } of rows)
        amounts.push(`${start_date} ${charges.map(({ type, amount }) => `${type} ${amount}`).join()}`);
  return amounts;
}

const MONTHS = [Date.UTC(2026, 7, 10), Date.UTC(2026, 11, 1)] as const;

describe("parts of a period that are read side by side", () => {
  it.each([
    ["cursor", 8],
    ["codex", 2],
    ["claude", 4],
    ["confluent", 1],
    ["datadog", 1],
  ])("of %s are %d; they ask just what one after another asks, and hold the same rows", async (id, count) => {
    const { adapter, question } = await asked(id, ...MONTHS);
    const parts = adapter.parts?.(question) ?? [question.period];
    expect(parts).toHaveLength(count);
    const inOrder = [...parts].sort((one, other) => one.start - other.start);
    expect(inOrder.map(({ start }) => start)).toEqual([
      question.period.start,
      ...inOrder.slice(0, -1).map((p) => p.end),
    ]);
    expect(inOrder.at(-1)?.end).toBe(question.period.end);
    const { wire } = watched();
    const once = await amountsOf(pages(context(), adapter, question));
    const before = wire.splice(0);
    const ahead = await amountsOf(pagesAhead(context(), adapter, question));
    expect(wire.sort()).toEqual(before.sort());
    expect(once.length).toBeGreaterThan(0);
    expect(ahead.sort()).toEqual(once.sort());
  });

  it("come in the same order however long answers take", async () => {
    const { adapter, question } = await asked("cursor", Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1));
    const plain = await amountsOf(pagesAhead(context(), adapter, question));
    let calls = 0;
    watched(() => (calls++ % 3 === 0 ? 40 : 0));
    expect(await amountsOf(pagesAhead(context(), adapter, question))).toEqual(plain);
  });

  it("are asked for no more when nobody reads on, and leave nothing on its way", async () => {
    const { adapter, question } = await asked("cursor", ...MONTHS);
    let calls = 0;
    const { wire, flying } = watched(() => (calls++ === 0 ? 0 : 8000));
    const started = performance.now();
    for await (const _ of pagesAhead(context(), adapter, question)) break;
    // The other part's answer is not waited for.
    expect(performance.now() - started).toBeLessThan(4000);
    expect(flying()).toBe(0);
    const count = wire.length;
    await sleep(80);
    expect(wire).toHaveLength(count);
  });

  it("end with the call that is cancelled", async () => {
    const { adapter, question } = await asked("cursor", ...MONTHS);
    const { flying } = watched(() => 20);
    const controller = new AbortController();
    const read = async () => {
      for await (const _ of pagesAhead(context(controller.signal), adapter, question)) controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ kind: "cancelled" });
    expect(flying()).toBe(0);
  });

  it("fail with the first of them that fails, and end the others", async () => {
    const { adapter, question } = await asked("cursor", ...MONTHS);
    const { wire, flying } = watched(() => 20);
    const broken: Adapter = {
      ...adapter,
      read(own, position, answers, directory) {
        if (own.period.end === Date.UTC(2026, 10, 16)) throw new Error("the second part");
        return adapter.read(own, position, answers, directory);
      },
    };
    await expect(amountsOf(pagesAhead(context(), broken, question))).rejects.toThrow("the second part");
    expect(flying()).toBe(0);
    const count = wire.length;
    await sleep(60);
    expect(wire).toHaveLength(count);
  });
});
