import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Account } from "../../src/accounts/account.ts";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import type { CostSummaryRequest } from "../../src/engine/summarize.ts";
import type { CostSummary } from "../../src/engine/write-cost.ts";
import { UsageError } from "../../src/errors.ts";
import { supportOf } from "../../src/providers/index.ts";
import {
  COST_DIMENSIONS,
  type CostDimension,
  DIMENSIONS,
  type FilterName,
  type ReportSupport,
} from "../../src/providers/provider.ts";
import { GRANULARITIES, type Query } from "../../src/usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../../src/usage/report.ts";
import { CHARGE_TYPES, type Row, rowSchema } from "../../src/usage/row.ts";
import { exactUnits } from "../usage/exact-sum.ts";
import { SandboxEngine } from "./sandbox-engine.ts";

/**
 * What holds of every answer, whatever is asked of whichever account: sums do not depend on the question, filters cut without
 * loss, orders and pages hold the same rows, ids stay.
 */

const MOST = 10_000;
/** On a busy machine; alone, all of this takes less than a minute. */
const PATIENCE = 180_000;
let sandbox: SandboxEngine;
/** Every report that an account serves. */
let served: { account: Account; report_type: ReportType; report: ReportSupport; query: Query }[];

beforeAll(async () => {
  sandbox = await SandboxEngine.start(undefined, USUAL_CACHE);
  served = sandbox.engine.accounts.flatMap((account) =>
    REPORT_TYPES.flatMap((report_type) => {
      const report = supportOf(account).reports[report_type];
      const query = { integrated_account_id: account.id, report_type, ...datesOf(account) };
      return report ? [{ account, report_type, report, query }] : [];
    }),
  );
});
afterAll(() => sandbox.close());

/** Some days, so that every answer is cheap; Datadog knows months only, and Cursor has hundreds of events an hour. */
function datesOf({ provider }: Account): { start_date: string; end_date: string } {
  if (provider === "datadog") return { start_date: "2026-09-01", end_date: "2026-11-01" };
  if (provider === "cursor") return { start_date: "2026-10-13T09:00:00Z", end_date: "2026-10-13T15:59:59.999Z" };
  return { start_date: "2026-10-13", end_date: "2026-10-16" };
}

const some = <Value>(values: readonly Value[], most: number) =>
  fc.subarray([...values], { maxLength: Math.min(most, values.length) });

/** group_by and granularity that a report serves. Minutes are many and say no more than hours. */
const grouping = ({ report }: { report: ReportSupport }) =>
  fc.record({
    group_by: fc.option(some(report.dimensions, 3), { nil: undefined }),
    granularity: fc.option(
      fc.constantFrom(undefined, ...report.granularities.filter((granularity) => granularity !== "minute")),
      { nil: undefined },
    ),
  });

/** Without the members that are undefined or empty, as the door leaves them out. */
function asked(query: object): Query {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}

/** All rows; undefined where the question is refused, in words that name a parameter. */
async function rowsOf(query: Query): Promise<Row[] | undefined> {
  try {
    return await sandbox.all({ limit: MOST, ...query });
  } catch (error) {
    refused(error);
    return undefined;
  }
}

function refused(error: unknown): asserts error is UsageError {
  if (!(error instanceof UsageError)) throw error;
  expect(error).toMatchObject({ kind: "question" });
  // Either we name it, or the vendor does, in its own words.
  if (error.details.status === undefined) expect(error.details.parameter, error.message).toBeTruthy();
}

type Sums = Map<string, bigint>;

/** In units of 10^-24. OpenAI's amounts of 18 decimals and more are rounded where they are written. */
function units(value: number): bigint {
  return exactUnits(Math.abs(value) < 1e-6 ? value.toFixed(24) : value);
}

function add(sums: Sums, name: string, value: number): void {
  sums.set(name, (sums.get(name) ?? 0n) + units(value));
}

/** Net and gross as the README has them, of a row's own charges. */
function costOf({ charges = [] }: Row): { net: number; gross: number; currency: string } | undefined {
  const amount = (wanted: string) => charges.find(({ type }) => type === wanted)?.amount;
  const [net, total] = [amount("net") ?? amount("total"), amount("total") ?? amount("net")];
  if (net === undefined || total === undefined) return undefined;
  return { net, gross: amount("credit") === net ? 0 : total, currency: charges[0]?.currency ?? "" };
}

/** All that can be added: money, kinds of tokens, counts that are no distinct ones. */
function sumsOf(rows: readonly Row[]): Sums {
  const sums: Sums = new Map();
  for (const row of rows) {
    const cost = costOf(row);
    if (cost) {
      add(sums, `net ${cost.currency}`, cost.net);
      add(sums, `gross ${cost.currency}`, cost.gross);
    }
    addCounts(sums, row.usage, "");
  }
  return sums;
}

const NOT_ADDITIVE = ["quantity", "distinct", "distinct_connectors_used_count", "distinct_skills_used_count"];

function addCounts(sums: Sums, value: unknown, path: string): void {
  if (typeof value === "number") add(sums, path, value);
  if (typeof value !== "object" || value === null || path === "code.tool_actions") return;
  for (const [name, member] of Object.entries(value))
    if (!NOT_ADDITIVE.includes(name)) addCounts(sums, member, path === "" ? name : `${path}.${name}`);
}

/** Charge by charge, each type for itself. */
function chargeSums(rows: readonly Row[]): Sums {
  const sums: Sums = new Map();
  for (const { charges = [] } of rows)
    for (const { type, amount, currency } of charges) add(sums, `${type} ${currency}`, amount);
  return sums;
}

/** Beyond a double's digits sums of rounded numbers differ: by less than this. */
const NEARLY = 10n ** 15n;

function same(found: Sums, expected: Sums, what: string, holds: (name: string) => boolean = () => true): void {
  for (const name of new Set([...found.keys(), ...expected.keys()])) {
    const difference = (found.get(name) ?? 0n) - (expected.get(name) ?? 0n);
    if (holds(name) && (difference > NEARLY || difference < -NEARLY))
      expect.fail(`${name} is ${found.get(name)}, not ${expected.get(name)}: ${what}`);
  }
}

const isMoney = (name: string) => /^(?:net|gross) /.test(name);
const ALL_WRITES = "tokens.cache_write";

/** What a grouping tells of the whole. Charges have no counts, tokens no requests. */
function isTold(by: readonly string[], { account, report }: (typeof served)[number]): (name: string) => boolean {
  return (name) => {
    const kindOfToken = name.startsWith("tokens.") && name !== "tokens.total";
    if (by.includes("charge_type") && !report.costKinds) return kindOfToken && by.includes("token_type");
    if (by.includes("token_type")) return isMoney(name) || kindOfToken;
    // Where searches are summed beside the completions they belong to, OpenAI's requests are counted once only; Claude
    // counts the requests of cost for no kind of it.
    return name !== "requests.total" || !["openai", "claude"].includes(account.id);
  };
}

describe("a question", { timeout: PATIENCE }, () => {
  const dates = fc.constantFrom(
    "2026-10-13",
    "2026-10-15",
    "2026-10-31",
    "2026-11-22",
    "2027-01-01",
    "2026-10-13T10:00:00Z",
    "2026-10-13T10:00:00.001Z",
    "2026-10-25T02:30:00+02:00",
    "2026-11-01t01:30:00-04:00",
  );
  const words = fc.constantFrom(
    ...["chat", "Kafka", "codex", "cli", "clara.duvernay@tidewater-robotics.example", "user_01", "gpt-5", "no-such"],
  );
  const list = fc.array(words, { minLength: 1, maxLength: 2 });
  const maybe = <Value>(value: fc.Arbitrary<Value>, freq = 3) => fc.option(value, { nil: undefined, freq });
  const anything = fc.record({
    report_type: fc.constantFrom(...REPORT_TYPES),
    start_date: maybe(dates, 1),
    end_date: maybe(dates, 1),
    date: fc.option(dates, { nil: undefined, freq: 1 }),
    group_by: maybe(fc.subarray([...DIMENSIONS], { minLength: 1, maxLength: 2 }), 1),
    granularity: maybe(fc.constantFrom(...GRANULARITIES.filter((size) => size !== "minute")), 1),
    sort_by: maybe(fc.constantFrom("net", "gross", "start_date", "user", "tokens", "tokens.output", "activity"), 1),
    product_ids: maybe(list, 1),
    user_ids: maybe(list, 1),
    surfaces: maybe(list, 1),
    limit: maybe(fc.constantFrom(1, 7, MOST)),
    page: maybe(fc.constantFrom(1, 2, 1_000_000), 1),
    page_size: maybe(fc.constantFrom(1, 5), 1),
    truto_response_format: maybe(fc.constantFrom("unified", "raw", "normalized", "stream", "debug")),
    truto_key_by: maybe(fc.constantFrom("id", "start_date", "user.email", "charges.amount"), 1),
    truto_exclude_fields: maybe(fc.subarray(["charges", "id", "usage.tokens", "resources[].id"], { minLength: 1 }), 1),
  });
  const query = fc.tuple(anything, fc.boolean(), fc.nat(), fc.nat()).map(([whole, fits, which, left]): Query => {
    const { account, report_type, report } = served[which % served.length] ?? expect.fail("there are reports");
    // Mostly what the report serves, so that the answer is more than a refusal.
    const own = fits ? { report_type, ...datesOf(account), date: undefined } : {};
    const group_by = fits ? report.dimensions.slice(left % report.dimensions.length).slice(0, 2) : whole.group_by;
    const granularity = fits ? undefined : whole.granularity;
    return asked({ ...whole, ...own, group_by, granularity, integrated_account_id: account.id });
  });

  it("gets rows, or an error that names the parameter", async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(query, async (given) => {
        const call = { signal: new AbortController().signal };
        const budget = given.truto_response_format === "debug" ? 30_000 : Number.POSITIVE_INFINITY;
        try {
          const answer = await sandbox.engine.listUsage(given, call, { budget, withRemoteData: false });
          const rows = Object.values(answer.result);
          expect(answer.result_count).toBe(rows.length);
          expect(answer.period.start_date <= answer.period.end_date).toBe(true);
          expect([...answer.warnings, answer.hint ?? ""].join()).not.toMatch(/undefined|NaN|\[object/);
          if (answer.next_cursor !== null) expect(rows.length).toBeGreaterThan(0);
          const { truto_response_format: format, truto_exclude_fields: excluded } = given;
          if (format !== "raw" && !excluded?.includes("id")) for (const row of rows) rowSchema.parse(row);
          answered++;
        } catch (error) {
          refused(error);
        }
      }),
      { numRuns: 160 },
    );
    expect(answered).toBeGreaterThan(25);
  });

  it("can't be about an order that would be none: of a group of numbers, of a flag, of a text", async () => {
    for (const sort_by of ["tokens", "requests", "activity.is_active", "activity.client_version"]) {
      const question = sandbox.list({ integrated_account_id: "cursor", report_type: "usage", sort_by });
      await expect(question).rejects.toMatchObject({ kind: "question", details: { parameter: "sort_by" } });
    }
  });
});

describe("sums", { timeout: PATIENCE }, () => {
  it("are the same whatever rows are grouped by, put into buckets of, or sorted by", async () => {
    const wholes = new Map<object, Sums>();
    const charges = new Map<object, Sums>();
    await fc.assert(
      fc.asyncProperty(
        fc
          .nat()
          .map((which) => served[which % served.length] ?? expect.fail("there are reports"))
          .chain((one) => fc.tuple(fc.constant(one), grouping(one), fc.constantFrom(undefined, "start_date", "id"))),
        async ([one, { group_by, granularity }, sort_by]) => {
          const given = asked({ ...one.query, group_by, granularity, sort_by });
          const rows = await rowsOf(given);
          if (!rows) return;
          if (!wholes.has(one)) {
            const all = (await rowsOf(one.query)) ?? [];
            wholes.set(one, sumsOf(all));
            charges.set(one, chargeSums(all));
          }
          const what = JSON.stringify(given);
          const whole = wholes.get(one) ?? new Map();
          const by = group_by ?? [];
          const told = isTold(by, one);
          // The sum of both lifetimes is told as the two.
          const split = by.includes("token_type") && whole.has(`${ALL_WRITES}_ephemeral_5m`);
          same(sumsOf(rows), whole, what, (name) => told(name) && !(split && name === ALL_WRITES));
          const apart = by.includes("charge_type") && !one.report.costKinds;
          // A credit that is repeated as a total stands for no gross where rows are summed.
          const repeated = (name: string) => name.startsWith("total") && one.account.id === "confluent";
          if (apart) same(chargeSums(rows), charges.get(one) ?? new Map(), what, (name) => !repeated(name));
          expect(new Set(rows.map(({ id }) => id)).size, `${what}: unique ids`).toBe(rows.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  const FILTERS = {
    product_ids: ["product", (row) => row.product?.id],
    user_ids: ["user", (row) => row.user?.email?.toLowerCase() ?? row.user?.id],
    model_ids: ["model", (row) => row.model?.id],
    surfaces: ["surface", (row) => row.surface],
  } as const satisfies Partial<Record<FilterName, readonly [string, (row: Row) => string | undefined]>>;

  it("are cut by a filter without loss: some values, all others, and what has none", async () => {
    const filter = fc
      .tuple(fc.nat(), fc.constantFrom<keyof typeof FILTERS>("product_ids", "user_ids", "model_ids", "surfaces"))
      .map(([which, name]) => {
        const able = served.filter(
          ({ report }) => report.params[name] && report.dimensions.some((own) => own === FILTERS[name][0]),
        );
        return { name, one: able[which % able.length] ?? expect.fail(`a report can be filtered by ${name}`) };
      })
      .chain(({ name, one }) =>
        fc.record({
          name: fc.constant(name),
          one: fc.constant(one),
          group_by: some(
            one.report.dimensions.filter((dimension) => !/_type$/.test(dimension)),
            2,
          ),
          choice: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(filter, async ({ name, one, group_by, choice }) => {
        const [dimension, read] = FILTERS[name];
        const rows = await rowsOf({ ...one.query, group_by: [dimension] });
        const values = [...new Set((rows ?? []).flatMap((row) => read(row) ?? []))].sort();
        const chosen = values.filter((_, index) => choice[index % choice.length]);
        const told = isTold([], one);
        for (const wanted of [chosen, values.filter((value) => !chosen.includes(value))]) {
          if (wanted.length === 0) continue;
          const found = await rowsOf(asked({ ...one.query, group_by, [name]: wanted }));
          const expected = (rows ?? []).filter((row) => wanted.includes(read(row) ?? ""));
          if (found) same(sumsOf(found), sumsOf(expected), JSON.stringify([one.query, group_by, name, wanted]), told);
        }
        expect(await rowsOf({ ...one.query, [name]: ["no-such"] }).then((none) => none ?? [])).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("rows", { timeout: PATIENCE }, () => {
  const TEXTS: Readonly<Record<string, (row: Row) => string | undefined>> = {
    start_date: (row) => row.start_date,
    product: (row) => row.product?.id,
    model: (row) => row.model?.id,
    user: (row) => row.user?.email,
    id: (row) => row.id,
  };
  const NUMBERS: Readonly<Record<string, (row: Row) => number | undefined>> = {
    net: (row) => costOf(row)?.net,
    gross: (row) => costOf(row)?.gross,
    "tokens.output": (row) => row.usage?.tokens?.output,
    "requests.total": (row) => row.usage?.requests?.total,
    ...Object.fromEntries(
      CHARGE_TYPES.filter((type) => type !== "net" && type !== "total").map((type) => [
        type,
        (row: Row) => row.charges?.find((charge) => charge.type === type)?.amount,
      ]),
    ),
  };

  const listing = fc.record({
    which: fc.nat(),
    by: fc.constantFrom(undefined, ...Object.keys(TEXTS), ...Object.keys(NUMBERS)),
    order: fc.constantFrom<"asc" | "desc">("asc", "desc"),
    grouped: fc.nat(),
    limits: fc.array(fc.constantFrom(1, 2, 3, 7, 40, 500), { minLength: 1, maxLength: 5 }),
  });

  it("are sorted by the key, those without it last; pages of any size hold the same rows in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(listing, async ({ which, by, order, grouped, limits }) => {
        const { query, report } = served[which % served.length] ?? expect.fail("there are reports");
        const dimension = report.dimensions[grouped % (2 * report.dimensions.length)];
        const plain = asked({ ...query, group_by: dimension ? [dimension] : [] });
        const given = by === undefined ? plain : { ...plain, sort_by: by, sort_order: order };
        const rows = await rowsOf(given);
        if (!rows) return;
        if (by !== undefined) {
          const unsorted = (await rowsOf(plain)) ?? [];
          expect(texts(rows).sort()).toEqual(texts(unsorted).sort());
          const keys = rows.map((row) => (TEXTS[by] ?? NUMBERS[by])?.(row));
          const present = keys.filter((key) => key !== undefined);
          expect(keys.slice(0, present.length), JSON.stringify(given)).toEqual(present);
          const ahead = (x: string | number, y: string | number) => (order === "asc" ? x > y : x < y);
          expect(
            present.findIndex((key, index) => index > 0 && ahead(present[index - 1] ?? key, key)),
            JSON.stringify(given),
          ).toBe(-1);
        }
        const paged: Row[] = [];
        let cursor: string | null = "";
        for (let page = 0; cursor !== null && page < 8; page++) {
          const limit = limits[page % limits.length] ?? 1;
          const { answer, rows: next } = await sandbox.list({ ...given, limit, ...(cursor ? { cursor } : {}) });
          paged.push(...next);
          cursor = answer.next_cursor;
        }
        expect(paged, JSON.stringify(given)).toEqual(cursor === null ? rows : rows.slice(0, paged.length));
      }),
      { numRuns: 60 },
    );
  });

  it("keep their ids, and all else, when more days are asked for", async () => {
    const WIDER: Readonly<Record<string, Partial<Query>>> = {
      datadog: { start_date: "2026-08-01", end_date: "2026-11-01" },
      cursor: { start_date: "2026-10-13T08:00:00Z", end_date: "2026-10-13T17:59:59.999Z" },
    };
    for (const { account, query, report } of served) {
      if (report.madeFrom) continue;
      const dates = WIDER[account.provider] ?? { start_date: "2026-10-12", end_date: "2026-10-18" };
      const wider = new Map((await sandbox.all({ ...query, ...dates, limit: MOST })).map((row) => [row.id, row]));
      const rows = await sandbox.all({ ...query, limit: MOST });
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect(wider.get(row.id), JSON.stringify(query)).toEqual(row);
    }
  });

  const texts = (rows: readonly Row[]) => rows.map((row) => JSON.stringify(row));
});

describe("costs", { timeout: PATIENCE }, () => {
  const PERIODS = [
    ["2026-10-13", "2026-10-16"],
    ["2026-10-01", "2026-11-01"],
    ["2026-11-01", "2026-12-01"],
  ] as const;
  const FILTERS = { product_ids: "product", user_ids: "user", model_ids: "model", surfaces: "surface" } as const;

  function summary(change: Partial<CostSummaryRequest>): Promise<CostSummary> {
    const [start, end] = PERIODS[0];
    return sandbox.engine.summarizeCost(
      {
        accounts: sandbox.engine.accounts,
        period: { start: Date.parse(start), end: Date.parse(end) },
        groupBy: ["provider"],
        filters: {},
        limit: MOST,
        ...change,
      },
      { signal: new AbortController().signal },
    );
  }

  type Billed = { currency?: string; net?: number; gross?: number };

  function sumsIn(parts: readonly Billed[]): Sums {
    const sums: Sums = new Map();
    for (const { currency, net, gross } of parts) {
      if (net !== undefined) add(sums, `net ${currency}`, net);
      if (gross !== undefined) add(sums, `gross ${currency}`, gross);
    }
    return sums;
  }

  const wholes = new Map<string, Promise<CostSummary>>();
  const whole = (accounts: readonly Account[], period: CostSummaryRequest["period"]) => {
    const key = JSON.stringify([accounts.map(({ id }) => id), period]);
    const known = wholes.get(key) ?? summary({ accounts, period, groupBy: ["account"] });
    wholes.set(key, known);
    return known;
  };

  const question = fc.record({
    which: fc.nat(12),
    period: fc.constantFrom(...PERIODS.slice(0, 2)).map(([start, end]) => ({
      start: Date.parse(start),
      end: Date.parse(end),
    })),
    groupBy: fc.subarray([...COST_DIMENSIONS], { maxLength: 3 }),
    compareTo: fc.constantFrom(undefined, "previous_period" as const, "previous_year" as const),
    sortBy: fc.constantFrom(undefined, "net", "gross"),
    limit: fc.constantFrom(1, 3, 1000),
  });
  const accountsOf = (which: number) => {
    const one = sandbox.engine.accounts[which];
    return one ? [one] : sandbox.engine.accounts;
  };

  it("are the same in total by any group; groups and the rest, and accounts, add up to them; so does what they are compared with", async () => {
    await fc.assert(
      fc.asyncProperty(question, async ({ which, ...change }) => {
        const accounts = accountsOf(which);
        const found = await summary({ accounts, ...change });
        const what = JSON.stringify([accounts.map(({ id }) => id), change]);
        const all = await whole(accounts, change.period);
        const totals = sumsIn(found.totals);
        same(totals, sumsIn(all.totals), `totals: ${what}`);
        const parts = [...found.groups, ...(found.other ?? [])];
        same(sumsIn(parts), totals, `groups: ${what}`);
        same(
          sumsIn(found.accounts.flatMap(({ totals: own, ...one }): Billed[] => own ?? [one])),
          totals,
          `accounts: ${what}`,
        );
        expect(found.groups.length).toBeLessThanOrEqual(change.limit);
        if (!found.compared_period) return;
        const { start_date, end_date } = found.compared_period;
        const earlier = await whole(accounts, { start: Date.parse(start_date), end: Date.parse(end_date) });
        const before = sumsIn(earlier.totals);
        const previous = (list: typeof parts | typeof found.totals) =>
          sumsIn(list.map((one) => ({ currency: one.currency, ...Object(one.previous) })));
        same(previous(found.totals), before, `compared: ${what}`);
        same(previous(parts), before, `compared groups: ${what}`);
      }),
      { numRuns: 20 },
    );
  });

  it("are cut by filters without loss", async () => {
    const names = Object.keys(FILTERS) as (keyof typeof FILTERS)[];
    const cut = fc.record({
      which: fc.nat(5),
      name: fc.constantFrom(...names),
      groupBy: fc.subarray<CostDimension>(["provider", "user", "model", "day", "charge_type"], { minLength: 1 }),
      choice: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ which, name, groupBy, choice }) => {
        const accounts = accountsOf(which);
        const dimension = FILTERS[name];
        const { groups } = await summary({ accounts, groupBy: [dimension] });
        const values = groups.flatMap(({ key }) => key[dimension] ?? []).filter((value) => value !== "unattributed");
        const chosen = values.filter((_, index) => choice[index % choice.length]);
        for (const wanted of [chosen, values.filter((value) => !chosen.includes(value))]) {
          if (wanted.length === 0) continue;
          const found = await summary({ accounts, groupBy, filters: { [name]: wanted } });
          const expected = groups.filter(({ key }) => wanted.includes(key[dimension] ?? ""));
          same(sumsIn(found.totals), sumsIn(expected), JSON.stringify([accounts[0]?.id, name, wanted, groupBy]));
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each<[string, Partial<CostSummaryRequest>]>([
    ["claude", { groupBy: ["user", "charge_type"] }],
    ["codex", { groupBy: ["model"], filters: { surfaces: ["ide", "cli", "web", "desktop", "slack", "github"] } }],
  ])("of %s can be split and filtered by what the vendor tells apart at once or not: %j", async (id, change) => {
    const accounts = sandbox.engine.accounts.filter((account) => account.id === id);
    const { groupBy: _groupBy, ...unsplit } = change;
    const [found, expected] = [await summary({ accounts, ...change }), await summary({ accounts, ...unsplit })];
    expect(expected.totals[0]?.net).toBeGreaterThan(0);
    same(sumsIn(found.totals), sumsIn(expected.totals), id);
    same(sumsIn(found.groups), sumsIn(expected.totals), id);
  });

  it("say how a word is read that stands for something else at another vendor", async () => {
    const { warnings } = await summary({ filters: { surfaces: ["cli"] } });
    expect(warnings).toContain("claude: surfaces: cli is read as claude_code.");
    expect(warnings.filter((warning) => warning.startsWith("codex") && /is read as/.test(warning))).toEqual([]);
  });

  it("are those of the rows of report cost, however they are grouped", async () => {
    for (const { account, report_type, query } of served) {
      if (report_type !== "cost") continue;
      for (const [start, end] of PERIODS) {
        const { totals } = await summary({
          accounts: [account],
          period: { start: Date.parse(start), end: Date.parse(end) },
        });
        // Cursor's end_date is part of the period.
        const end_date = account.provider === "cursor" ? new Date(Date.parse(end) - 1).toISOString() : end;
        for (const group_by of [[], ["product"]]) {
          const rows = await sandbox.all(asked({ ...query, start_date: start, end_date, group_by, limit: MOST }));
          same(sumsOf(rows), sumsIn(totals), `${account.id} ${start} ${group_by}`, isMoney);
        }
      }
    }
  });
});
