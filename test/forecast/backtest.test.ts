import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forecastMonth } from "../../src/engine/forecast/forecast-month.ts";
import { supportOf } from "../../src/providers/index.ts";
import { forecastCost } from "../../src/tools/forecast-cost.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { type Amount, decimal, ZERO } from "../../src/usage/money.ts";
import { addMonths, DAY, type Instant, isoDay, startOfDay } from "../../src/usage/period.ts";
import { call } from "../providers/edge.ts";
import { costAnswer, forecastAnswer } from "./answers.ts";
import { type SandboxClock, startSandboxClock } from "./sandbox-clock.ts";

const NOW = "2026-11-23T09:00:00Z";
/** The months that are forecast: six that are over, each with the four before it as history. */
const MONTHS = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];
const FROM = "2026-01-01";
const ORIGINS = [5, 10, 15, 20, 25];
const BY_DAY = ["claude", "openai", "codex", "cursor", "confluent"];

/** One month, forecast on one day of it. */
interface Trial {
  account: string;
  origin: number;
  forecast: number;
  naive: number;
  isWithin: boolean | undefined;
  actual: number;
}

let sandbox: SandboxClock;
const trials: Trial[] = [];

beforeAll(async () => {
  sandbox = await startSandboxClock();
  for (const account of BY_DAY) {
    const days = await daysOf(account);
    for (const month of MONTHS) for (const origin of ORIGINS) trials.push(tried(account, days, month, origin));
  }
  for (const month of MONTHS) trials.push(...(await datadogTrials(month)));
}, 90_000);

afterAll(() => sandbox.close());

/** Each day's net as it stands in the end, read once. */
async function daysOf(account: string): Promise<Map<Instant, Amount>> {
  sandbox.setTo(NOW);
  const asked = { integrated_account_ids: [account], start_date: FROM, end_date: "2026-11-01", group_by: ["day"] };
  const { groups } = costAnswer.parse(await getCostSummary.run(sandbox.engine, { ...asked, limit: 1000 }, call()));
  return new Map(groups.map(({ key, net }) => [Date.parse(key["day"] ?? ""), decimal(net) ?? ZERO]));
}

function tried(account: string, days: ReadonlyMap<Instant, Amount>, of: string, origin: number): Trial {
  const start = Date.parse(`${of}-01`);
  const month = { start, end: addMonths(start, 1) };
  const now = start + (origin - 1) * DAY;
  const { publishedAfterHours = 24 } = supportOf(sandbox.engine.account(account));
  const before = startOfDay(now - publishedAfterHours * 3_600_000);
  // Confluent publishes nothing before its time; the others' last days are there.
  const shown = account === "confluent" ? before : now;
  const from = addMonths(start, -4);
  const known = new Map([...days].filter(([day]) => day >= from && day < shown));
  const projection = forecastMonth({ month, before, from, days: known, longer: { now: [], past: [] } });
  if (typeof projection === "string") throw new Error(projection);
  const sum = (first: Instant, end: Instant) =>
    [...days].reduce((all, [day, net]) => (day >= first && day < end ? all + net.toNumber() : all), 0);
  const actual = sum(start, month.end);
  const [passed, whole] = [(before - start) / DAY, (month.end - start) / DAY];
  const naive = passed > 0 ? (sum(start, before) / passed) * whole : (sum(before - 28 * DAY, before) / 28) * whole;
  const { net, low, high } = projection;
  const isWithin = low && high ? low.toNumber() <= actual && actual <= high.toNumber() : undefined;
  return { account, origin, forecast: net.toNumber(), naive, isWithin, actual };
}

/** Datadog tells no days: what the whole tool says on the day itself, the vendor's own projection from the 12th on. */
async function datadogTrials(of: string): Promise<Trial[]> {
  sandbox.setTo(NOW);
  const accounts = { integrated_account_ids: ["datadog"] };
  const summary = costAnswer.parse(await getCostSummary.run(sandbox.engine, { ...accounts, period: of }, call()));
  const actual = summary.totals[0]?.net ?? 0;
  const found: Trial[] = [];
  for (const origin of ORIGINS) {
    sandbox.setTo(`${isoDay(Date.parse(`${of}-01`) + (origin - 1) * DAY)}T09:00:00Z`);
    const answer = forecastAnswer.parse(await forecastCost.run(sandbox.engine, { ...accounts, fresh: true }, call()));
    const [{ month_to_date: toDate, projection } = {}] = answer.accounts;
    if (!toDate || !projection) throw new Error("there is no projection");
    expect(projection.method).toBe(origin < 12 ? "month_mean_3m" : "vendor_projection");
    const { net, low, high } = projection;
    const whole = (addMonths(Date.parse(`${of}-01`), 1) - Date.parse(`${of}-01`)) / DAY;
    found.push({
      account: "datadog",
      origin,
      forecast: net,
      naive: (toDate.net / origin) * whole,
      isWithin: low === undefined || high === undefined ? undefined : low <= actual && actual <= high,
      actual,
    });
  }
  return found;
}

function percentOff(chosen: readonly Trial[], of: "forecast" | "naive"): number {
  const errors = chosen.map((trial) => (100 * Math.abs(trial[of] - trial.actual)) / trial.actual);
  return errors.reduce((all, error) => all + error, 0) / errors.length;
}

function percentWithin(chosen: readonly Trial[]): number {
  const ranged = chosen.filter(({ isWithin }) => isWithin !== undefined);
  return (100 * ranged.filter(({ isWithin }) => isWithin).length) / ranged.length;
}

function trialsOf(accounts: readonly string[], origins = ORIGINS): Trial[] {
  return trials.filter(({ account, origin }) => accounts.includes(account) && origins.includes(origin));
}

function line(name: string, accounts: readonly string[]): string {
  const both = (chosen: readonly Trial[]) =>
    `${percentOff(chosen, "forecast").toFixed(1)} (${percentOff(chosen, "naive").toFixed(1)})`.padStart(13);
  const cells = ORIGINS.map((origin) => both(trialsOf(accounts, [origin])));
  const within = `${percentWithin(trialsOf(accounts)).toFixed(0)}%`.padStart(8);
  return `${name.padEnd(10)}${cells.join("")}${both(trialsOf(accounts))}${within}`;
}

describe("forecasts of six past months of the sandbox, made from what was known then", () => {
  it("prints how far off they are", () => {
    const heads = [...ORIGINS.map((origin) => `day ${origin}`), "all"].map((head) => head.padStart(13)).join("");
    console.log(
      [
        "Mean absolute error in % of the month, a straight line's in brackets; share of months within low..high.",
        `account   ${heads}  within`,
        ...[...BY_DAY, "datadog"].map((account) => line(account, [account])),
        line("by day", BY_DAY),
      ].join("\n"),
    );
    expect(trials).toHaveLength(MONTHS.length * ORIGINS.length * (BY_DAY.length + 1));
  });

  it("is off by less than a straight line for every account that tells days, and by less than half over all", () => {
    for (const account of BY_DAY) {
      const own = trialsOf([account]);
      expect(percentOff(own, "forecast"), account).toBeLessThan(percentOff(own, "naive"));
    }
    const all = trialsOf(BY_DAY);
    expect(percentOff(all, "forecast")).toBeLessThan(percentOff(all, "naive") / 2);
  });

  it.each([
    ["claude", 4],
    ["openai", 4],
    ["codex", 7.5],
    ["cursor", 9],
    ["confluent", 3],
    ["datadog", 5],
  ])("is off by few percent of a month of %s, and by less the more of it has passed", (account, most) => {
    expect(percentOff(trialsOf([account]), "forecast")).toBeLessThan(most);
    const [early, late] = [trialsOf([account], [5]), trialsOf([account], [25])];
    expect(percentOff(late, "forecast")).toBeLessThan(percentOff(early, "forecast"));
  });

  it("holds most months within its range", () => {
    expect(percentWithin(trialsOf(BY_DAY))).toBeGreaterThan(80);
  });

  it("leaves the month to date as get_cost_summary has it, for every vendor", async () => {
    sandbox.setTo(NOW);
    const { accounts, totals } = forecastAnswer.parse(await forecastCost.run(sandbox.engine, {}, call()));
    const asked = { period: "this_month", group_by: ["account"] };
    const summary = costAnswer.parse(await getCostSummary.run(sandbox.engine, asked, call()));
    const ofAccounts = summary.groups.map(({ key, net }) => [key["account"], net]).sort();
    expect(accounts.map(({ integrated_account_id: id, month_to_date: own }) => [id, own?.net]).sort()).toEqual(
      ofAccounts,
    );
    expect(accounts.filter(({ projection }) => projection)).toHaveLength(BY_DAY.length + 1);
    const [{ net, gross } = {}] = summary.totals;
    expect(totals.map(({ month_to_date: own }) => own)).toEqual([{ net, gross }]);
  });
});
