import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { CacheConfig } from "../../src/cache/config.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { DAY, iso } from "../../src/usage/period.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  costList,
  engineOf,
  guardTheEdge,
  json,
  list,
  NOW,
  rowsOf,
} from "../providers/edge.ts";

guardTheEdge();

const KEPT: CacheConfig = { memoryMb: 8, openSeconds: 300 };
const MINUTE = 60_000;

const line = (resource: string, amount: number, day = "2026-11-20") => ({
  start_date: day,
  end_date: "2026-11-21",
  granularity: "DAILY",
  line_type: "KAFKA_STORAGE",
  product: "KAFKA",
  resource: { id: resource },
  amount,
  original_amount: amount,
});

/** Resolves when told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

let now = NOW;
let engine: Engine;
beforeEach(() => {
  now = NOW;
  engine = engineOf([CONFLUENT_ACCOUNT], { clock: () => now, cache: KEPT });
});

const november = { start_date: "2026-11-01", end_date: "2026-11-23" };

function summary(fresh = false, from = engine) {
  return from.summarizeCost(
    {
      accounts: from.accounts,
      period: { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 10, 23) },
      groupBy: ["provider"],
      filters: {},
      limit: 40,
      fresh,
    },
    call(),
  );
}

describe("an answer of an open period", () => {
  it("is asked for once in some minutes, whatever asks", async () => {
    const asked = confluentAnswers(() => costList([line("lkc-1", asked.length)]));
    const first = await list(engine, november);
    expect(rowsOf(first)).toMatchObject([{ charges: expect.anything() }]);
    now += 4 * MINUTE;
    expect(await list(engine, november)).toEqual(first);
    expect((await summary()).totals).toMatchObject([{ net: 1 }]);
    expect(asked).toHaveLength(1);
    now += 2 * MINUTE;
    expect((await summary()).totals).toMatchObject([{ net: 2 }]);
    expect(asked).toHaveLength(2);
  });

  it("is asked for again where that is wanted, and the fresh one is kept", async () => {
    const asked = confluentAnswers(() => costList([line("lkc-1", asked.length)]));
    expect((await summary()).totals).toMatchObject([{ net: 1 }]);
    expect((await summary(true)).totals).toMatchObject([{ net: 2 }]);
    expect((await summary()).totals).toMatchObject([{ net: 2 }]);
    expect(rowsOf(await list(engine, { ...november, fresh: true }))[0]).toMatchObject({
      charges: expect.arrayContaining([expect.objectContaining({ type: "net", amount: 3 })]),
    });
    expect(asked).toHaveLength(3);
  });

  it("says when it was so, and goes on saying it while it is kept", async () => {
    confluentAnswers(() => costList([line("lkc-1", 1)]));
    const asOf = iso(NOW);
    expect(await list(engine, november)).toMatchObject({ data_as_of: asOf });
    now += 4 * MINUTE;
    expect(await list(engine, november)).toMatchObject({ data_as_of: asOf });
    expect(await summary()).toMatchObject({ data_as_of: asOf, accounts: [{ data_as_of: asOf }] });
    now += 2 * MINUTE;
    expect(await summary()).toMatchObject({ data_as_of: iso(now), accounts: [{ data_as_of: iso(now) }] });
  });

  it("says nothing of when where no vendor was asked", async () => {
    const asked = confluentAnswers(() => costList([]));
    expect(await list(engine, { start_date: "2027-01-01" })).not.toHaveProperty("data_as_of");
    expect(asked).toHaveLength(0);
  });
});

describe("an answer that is no good", () => {
  it("is not kept when it can't be read: the next question asks again", async () => {
    const broken = { ...line("lkc-1", 1), amount: "not a number" };
    const asked = confluentAnswers(() => costList([asked.length === 1 ? broken : line("lkc-1", 7)]));
    await expect(list(engine, november)).rejects.toMatchObject({ kind: "vendor_data" });
    expect((await summary()).totals).toMatchObject([{ net: 7 }]);
    expect(asked).toHaveLength(2);
  });

  it("is not kept when it is a refusal", async () => {
    const asked = confluentAnswers(() =>
      asked.length === 1 ? json({ errors: [{ detail: "No" }] }, 403) : costList([line("lkc-1", 7)]),
    );
    await expect(list(engine, november)).rejects.toMatchObject({ kind: "credentials" });
    expect((await summary()).totals).toMatchObject([{ net: 7 }]);
  });
});

describe("the same question at once", () => {
  it("is one vendor call, whose answer all get", async () => {
    const held = gate();
    const asked = confluentAnswers(async () => {
      await held.opened;
      return costList([line("lkc-1", asked.length)]);
    });
    const answers = Promise.all([summary(), list(engine, november), summary(true), summary()]);
    await expect.poll(() => asked.length).toBe(1);
    held.open();
    const [first, rows, fresh, last] = await answers;
    expect(asked).toHaveLength(1);
    expect(first).toEqual(fresh);
    expect(first).toEqual(last);
    expect(rowsOf(rows)).toHaveLength(1);
  });

  it("goes on when the one who asked first goes away", async () => {
    const held = gate();
    const asked = confluentAnswers(async () => {
      await held.opened;
      return costList([line("lkc-1", 5)]);
    });
    const leaving = new AbortController();
    const options = { budget: Number.POSITIVE_INFINITY, withRemoteData: false };
    const left = engine.listUsage(november, call(leaving.signal), options);
    await expect.poll(() => asked.length).toBe(1);
    const stays = summary();
    // Time to join what is on its way; nobody can see that it did.
    await sleep(100);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ kind: "cancelled" });
    held.open();
    expect((await stays).totals).toMatchObject([{ net: 5 }]);
    expect(asked).toHaveLength(1);
  });

  it("is no call any more when all have gone away, and nothing of it is kept", async () => {
    const ended = gate();
    const asked = confluentAnswers(async (_, request) => {
      if (asked.length > 1) return costList([line("lkc-1", 6)]);
      request.signal.addEventListener("abort", ended.open);
      await ended.opened;
      return costList([line("lkc-1", 5)]);
    });
    const both = [new AbortController(), new AbortController()] as const;
    const options = { budget: Number.POSITIVE_INFINITY, withRemoteData: false };
    const calls = both.map(({ signal }) => engine.listUsage(november, call(signal), options));
    const outcomes = Promise.allSettled(calls);
    await expect.poll(() => asked.length).toBe(1);
    for (const controller of both) controller.abort();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await ended.opened;
    expect((await summary()).totals).toMatchObject([{ net: 6 }]);
    expect(asked).toHaveLength(2);
  });
});

describe("pages that are kept", () => {
  it("are not taken behind one that is newer: rows that moved between them would be doubled or lost", async () => {
    // Two pages of one month: a row moves from the first to the second between two readings.
    const pages = new Map([
      ["first", [line("lkc-1", 1), line("lkc-2", 2)]],
      ["second", [line("lkc-3", 4)]],
    ]);
    const asked = confluentAnswers((url) =>
      url.searchParams.get("page_token") === "t2"
        ? costList(pages.get("second") ?? [])
        : costList(pages.get("first") ?? [], "https://api.confluent.cloud/billing/v1/costs?page_token=t2"),
    );
    expect((await summary()).totals).toMatchObject([{ net: 7 }]);
    now += 4 * MINUTE;
    // Only the first page is asked for again: by another question, which is given up before the second.
    const leaving = new AbortController();
    const options = { budget: Number.POSITIVE_INFINITY, withRemoteData: false };
    pages.set("first", [line("lkc-1", 1)]);
    pages.set("second", [line("lkc-2", 2), line("lkc-3", 4)]);
    const progress = () => leaving.abort();
    await expect(
      engine.listUsage({ ...november, fresh: true }, { signal: leaving.signal, progress }, options),
    ).rejects.toMatchObject({ kind: "cancelled" });
    expect(asked).toHaveLength(3);
    expect((await summary()).totals).toMatchObject([{ net: 7 }]);
  });
});

describe("what is kept and leads astray", () => {
  // Two pages; the second is too large to be kept, and the token to it lasts as long as the vendor likes.
  const padding = "X".repeat(1_000);
  const large = Array.from({ length: 4_000 }, (_, index) => ({
    ...line(`lkc-${index}`, 1),
    network_access_type: padding,
  }));
  let token = "t1";
  const vendor = () =>
    confluentAnswers((url) => {
      const asked = url.searchParams.get("page_token");
      const next = `https://api.confluent.cloud/billing/v1/costs?page_token=${token}`;
      if (asked === null) return costList([line("first", 1)], next);
      return asked === token ? costList(large) : json({ errors: [{ detail: "page token is invalid" }] }, 400);
    });

  it("is asked for anew, from the start, instead of failing until it is forgotten", async () => {
    token = "t1";
    const asked = vendor();
    expect((await summary()).totals).toMatchObject([{ net: 4_001 }]);
    expect(asked).toHaveLength(2);
    token = "t2";
    expect((await summary()).totals).toMatchObject([{ net: 4_001 }]);
    // The stale token, then both pages.
    expect(asked).toHaveLength(5);
  });

  it("is not asked for again when it is another page, asked just now, that can't be read", async () => {
    // A month is a page.
    let isDrifted = false;
    const asked = confluentAnswers((url) => {
      if (url.searchParams.get("start_date") === "2026-10-01") return costList([line("lkc-1", 1, "2026-10-20")]);
      return isDrifted ? json({ lines: [] }) : costList(large);
    });
    const both = { start_date: "2026-10-01", end_date: "2026-11-23", limit: 1_000 };
    await list(engine, both);
    isDrifted = true;
    await expect(list(engine, both)).rejects.toMatchObject({ kind: "vendor_data" });
    // Both months; then the second, which was too large to be kept.
    expect(asked).toHaveLength(3);
  });

  it("is the vendor's refusal where nothing was kept", async () => {
    const asked = confluentAnswers(() => json({ errors: [{ detail: "no" }] }, 400));
    await expect(list(engine, november)).rejects.toMatchObject({ kind: "question" });
    expect(asked).toHaveLength(1);
  });
});

describe("what is kept of an account", () => {
  it("answers no other account, though its key is the same", async () => {
    const other = { ...CONFLUENT_ACCOUNT, id: "other" };
    const asked = confluentAnswers(() => costList([line("lkc-1", asked.length)]));
    const two = engineOf([CONFLUENT_ACCOUNT, other], { clock: () => now, cache: KEPT });
    for (const id of ["confluent", "other", "confluent", "other"]) {
      await list(two, { ...november, integrated_account_id: id });
    }
    expect(asked).toHaveLength(2);
  });

  it("ends with its engine", async () => {
    const asked = confluentAnswers(() => costList([line("lkc-1", asked.length)]));
    await summary();
    await engine.close();
    const next = engineOf([CONFLUENT_ACCOUNT], { clock: () => now + DAY, cache: KEPT });
    await summary(false, next);
    expect(asked).toHaveLength(2);
  });
});
