import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LongerCost } from "../../src/engine/forecast/cost-history.ts";
import { forecastMonth, type Known, type Projection } from "../../src/engine/forecast/forecast-month.ts";
import { type Amount, decimal } from "../../src/usage/money.ts";
import { DAY, type Instant, isoDay } from "../../src/usage/period.ts";

/** November 2026 begins with a Sunday and has 30 days. */
const NOVEMBER = { start: Date.parse("2026-11-01"), end: Date.parse("2026-12-01") };
const JULY = Date.parse("2026-07-01");

function amount(value: number | string): Amount {
  const exact = decimal(value);
  if (!exact) throw new Error(`${value} is no amount`);
  return exact;
}

/** Each day from a first up to (not with) an end, at what `cost` says of it; undefined is a day without rows. */
function series(first: string, end: string, cost: (day: string, at: Instant) => number | undefined) {
  const days = new Map<Instant, Amount>();
  for (let at = Date.parse(first); at < Date.parse(end); at += DAY) {
    const value = cost(isoDay(at), at);
    if (value !== undefined) days.set(at, amount(value));
  }
  return days;
}

function known(days: ReadonlyMap<Instant, Amount>, before: string, longer: Partial<Known["longer"]> = {}): Known {
  return { month: NOVEMBER, before: Date.parse(before), from: JULY, days, longer: { now: [], past: [], ...longer } };
}

function forecast(about: Known): Projection {
  const projection = forecastMonth(about);
  if (typeof projection === "string") throw new Error(projection);
  return projection;
}

function numbers({ net, low, high }: Projection) {
  return { net: net.toNumber(), low: low?.toNumber(), high: high?.toNumber() };
}

const isWeekend = (at: Instant) => [0, 6].includes(new Date(at).getUTCDay());
const week = (_: string, at: Instant) => (isWeekend(at) ? 20 : 100);

function fee(what: string, start: string, end: string, net: number): LongerCost {
  return { what, start: Date.parse(start), end: Date.parse(end), net: amount(net) };
}

describe("weekday_mean_4w", () => {
  it("takes complete days as they are, and each other one as its weekday was in the last four weeks", () => {
    // Known: 1 to 14 November, of which 10 working days at 100 and 1, 7, 8, 14 at 20 are 1080. Left: 15 to 30 November, 11
    // working days and 15, 21, 22, 28, 29: 1200.
    const days = series("2026-10-18", "2026-11-15", week);
    const projection = forecast(known(days, "2026-11-15"));
    expect(numbers(projection)).toEqual({ net: 2280, low: undefined, high: undefined });
    expect(projection.method).toBe("weekday_mean_4w");
    expect(projection.basis).toEqual({ start: Date.parse("2026-10-18"), end: Date.parse("2026-11-15") });
  });

  it("means over the four, and looks no further back", () => {
    // Mondays 19, 26 October, 2, 9 November: 70, 90, 110, 150, whose mean is 105. 12 October is not looked at. What is left has
    // three Mondays (16, 23, 30); November's known ones are 110 + 150.
    const mondays = new Map([
      ["2026-10-12", 9000],
      ["2026-10-19", 70],
      ["2026-10-26", 90],
      ["2026-11-02", 110],
      ["2026-11-09", 150],
    ]);
    const days = series("2026-10-12", "2026-11-15", (day) => mondays.get(day));
    expect(numbers(forecast(known(days, "2026-11-15"))).net).toBe(110 + 150 + 3 * 105);
  });

  it("takes a day that is there in part as it is where that is more than expected, else as expected", () => {
    const days = series("2026-10-18", "2026-11-15", week);
    days.set(Date.parse("2026-11-15"), amount(50));
    days.set(Date.parse("2026-11-16"), amount(10));
    expect(numbers(forecast(known(days, "2026-11-15"))).net).toBe(2280 + 30);
  });

  it("forecasts a whole month whose first day is not over, when the last days of the one before are not complete", () => {
    // November has 21 working days and 9 of weekends: 2280.
    const days = series("2026-09-01", "2026-10-29", week);
    expect(numbers(forecast(known(days, "2026-10-29"))).net).toBe(2280);
  });

  it("forecasts the last day alone on the last day", () => {
    const days = series("2026-07-01", "2026-11-30", (day) => (day < "2026-11" ? 10 : 7));
    // 29 days at 7; 30 November is a Monday, whose last four were 7, 7, 7, 7 from the 2nd on.
    expect(numbers(forecast(known(days, "2026-11-30"))).net).toBe(210);
  });

  it("is of two or three weeks, and says so, where there are no more", () => {
    const method = (first: string) => forecast(known(series(first, "2026-11-15", week), "2026-11-15")).method;
    expect([method("2026-11-01"), method("2026-10-25"), method("2026-10-26")]).toEqual([
      "weekday_mean_2w",
      "weekday_mean_3w",
      "weekday_mean_2w",
    ]);
  });
});

describe("where there are less than two complete weeks", () => {
  it("carries the mean of the days on, and gives no range", () => {
    // 2 to 14 November: ten working days at 100, and the 7th, 8th and 14th at 20, are 1060.
    const days = series("2026-11-02", "2026-11-15", week);
    const projection = forecast(known(days, "2026-11-15"));
    expect(projection.method).toBe("run_rate");
    // 1060 / 13 is 81.5384615385 at ten decimals; 16 days are left.
    expect(projection.net.toString()).toBe("2364.615384616");
    expect(numbers(projection).low).toBeUndefined();
  });

  it("says why there is no projection", () => {
    expect(forecastMonth(known(new Map(), "2026-11-15"))).toMatch(/^it has no cost, in this month or those before/);
    const today = series("2026-11-15", "2026-11-16", week);
    expect(forecastMonth(known(today, "2026-11-15"))).toBe("none of its days is complete yet.");
    const only = [fee("support", "2026-11-01", "2026-12-01", 100)];
    expect(forecastMonth(known(new Map(), "2026-11-15", { now: only }))).toMatch(
      /^it has no cost from the months before/,
    );
  });
});

describe("rest_of_month_mean_3m", () => {
  /** What a plan includes lasts for ten days of each month. */
  const plan = (day: string) => (Number(day.slice(8)) > 10 ? 30 : 0);

  it("is used where it would have done clearly better: what a plan includes is free until it is used up", () => {
    // From the 6th on: August 26 days with 21 * 30, September 25 with 20 * 30, October 26 with 21 * 30: 1860 / 77 a day, rounded
    // to 24.1558441558; 25 days of November are left.
    const projection = forecast(known(series("2026-07-01", "2026-11-06", plan), "2026-11-06"));
    expect(projection.method).toBe("rest_of_month_mean_3m");
    expect(projection.net.toString()).toBe("603.896103895");
    expect(projection.basis).toEqual({ start: Date.parse("2026-08-01"), end: NOVEMBER.start });
    expect(projection.backtest?.origins).toBe(21);
  });

  it("is tried on the three months before, on seven days each, with what each day knew", () => {
    // 10 a day in July and August, 20 in September and October. Known up to 1 November, so a past month is tried on the days
    // around its 1st, three each way; August too, for which July is known. Before September nothing tells that it will cost
    // twice as much.
    const days = series("2026-07-01", "2026-11-01", (day) => (day < "2026-09" ? 10 : 20));
    const { net, low, high, backtest, method } = forecast(known(days, "2026-11-01"));
    expect(method).toBe("weekday_mean_4w");
    expect(net.toNumber()).toBe(600);
    // The largest error is 300, half of September.
    expect([low?.toNumber(), high?.toNumber()]).toEqual([300, 900]);
    expect(backtest?.origins).toBe(21);
  });

  it("ranges as far down as up, whichever way the months missed their forecasts", () => {
    // The other way round: September came to 300 where 600 were foretold.
    const days = series("2026-07-01", "2026-11-01", (day) => (day < "2026-09" ? 20 : 10));
    expect(numbers(forecast(known(days, "2026-11-01")))).toEqual({ net: 300, low: 0, high: 600 });
  });

  it("is not tried on a month that is not complete yet", () => {
    const days = series("2026-07-01", "2026-10-29", () => 10);
    // August and September only; the days -6 to 0 around 29 October's place in its month.
    expect(forecast(known(days, "2026-10-29")).backtest).toEqual({ origins: 14, mean_absolute_percent_error: 0 });
  });
});

describe("the range", () => {
  it("does not end below the cost to date, where no day ever was negative", () => {
    // One day of October costs 5000: on the days before it, October came out far above.
    const spike = (day: string) => (day === "2026-10-30" ? 5000 : 10);
    const range = numbers(forecast(known(series("2026-07-01", "2026-11-28", spike), "2026-11-28")));
    // Only the 28th to 30th are left; they can't take away what is there.
    expect(range.low).toBe(270);
    const refunded = series("2026-07-01", "2026-11-28", (day) => (day === "2026-08-03" ? -10 : spike(day)));
    expect(numbers(forecast(known(refunded, "2026-11-28"))).low).toBeLessThan(0);
  });

  it("is nothing where nothing is billed", () => {
    const projection = forecast(
      known(
        series("2026-07-01", "2026-11-15", () => 0),
        "2026-11-15",
      ),
    );
    expect(numbers(projection)).toEqual({ net: 0, low: 0, high: 0 });
    expect(projection.backtest).toEqual({ origins: 21 });
  });

  it("holds the projection, whatever the days are, and depends on no day that is not complete", () => {
    const costs = fc.array(fc.integer({ min: -5, max: 400 }), { minLength: 20, maxLength: 150 });
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 3 }), (costs, day, late) => {
        const now = NOVEMBER.start + (day - 1) * DAY;
        const before = now - late * DAY;
        const all = new Map(costs.map((cost, index) => [now - (costs.length - 1 - index) * DAY, amount(cost)]));
        const about = { ...known(all, isoDay(before)), from: Math.min(JULY, ...all.keys()) };
        const projection = forecast(about);
        const { net, low = net, high = net } = projection;
        expect([net, low, high].map((one) => Number.isFinite(one.toNumber()))).toEqual([true, true, true]);
        expect(low.compare(net)).toBeLessThanOrEqual(0);
        expect(net.compare(high)).toBeLessThanOrEqual(0);
        const complete = new Map([...all].filter(([at]) => at < before));
        if (complete.size === 0) return;
        const { method, basis, backtest } = forecast({ ...about, days: complete });
        expect({ method, basis, backtest }).toEqual({
          method: projection.method,
          basis: projection.basis,
          backtest: projection.backtest,
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is billed for longer than a day", () => {
  const days = series("2026-10-18", "2026-11-15", week);
  const october = fee("support", "2026-10-01", "2026-11-01", 300);

  it("is due again when last month had it and this one has not", () => {
    const projection = forecast(
      known(days, "2026-11-15", { past: [october, fee("support", "2026-09-01", "2026-10-01", 299)] }),
    );
    expect(projection.net.toNumber()).toBe(2280 + 300);
    expect(projection.feesDue?.toNumber()).toBe(300);
  });

  it("counts once when it has been charged", () => {
    const now = [fee("support", "2026-11-01", "2026-12-01", 310)];
    const projection = forecast(known(days, "2026-11-15", { past: [october], now }));
    expect(projection.net.toNumber()).toBe(2280 + 310);
    expect(projection.feesDue).toBeUndefined();
  });

  it("is not due again when it was for more than a month, or ended before the last", () => {
    const past = [fee("year", "2026-10-01", "2027-10-01", 9000), fee("trial", "2026-09-01", "2026-10-01", 50)];
    expect(forecast(known(days, "2026-11-15", { past })).net.toNumber()).toBe(2280);
  });
});

describe("month_mean_3m", () => {
  const months = (...nets: number[]) =>
    nets.map((net, index) =>
      fee(
        "all",
        `2026-${10 - nets.length + 1 + index < 10 ? "0" : ""}${10 - nets.length + 1 + index}-01`,
        "2026-11-01",
        net,
      ),
    );

  it("is the mean of the last three months where the vendor tells no days, more and less its largest error", () => {
    // July to October. October would have been (90 + 100 + 110) / 3 = 100, off by 20; September (90 + 100) / 2 = 95, off by 15;
    // August 90, off by 10. In percent of the month: 16.6667, 13.6364, 10: their mean is 13.43.
    const projection = forecast(known(new Map(), "2026-11-05", { past: months(90, 100, 110, 120), now: months(30) }));
    expect(numbers(projection)).toEqual({ net: 110, low: 90, high: 130 });
    expect(projection.method).toBe("month_mean_3m");
    expect(projection.basis).toEqual({ start: Date.parse("2026-08-01"), end: NOVEMBER.start });
    expect(projection.backtest).toEqual({ origins: 3, mean_absolute_percent_error: 13.43 });
  });

  it("is the cost to date where that is more already, and has no range for want of a second month", () => {
    const projection = forecast(known(new Map(), "2026-11-05", { past: months(100), now: months(130) }));
    expect(numbers(projection)).toEqual({ net: 130, low: undefined, high: undefined });
    expect(projection.method).toBe("month_mean_1m");
  });

  it("counts a month without cost between others as nothing", () => {
    const past = [fee("all", "2026-08-01", "2026-09-01", 90), fee("all", "2026-10-01", "2026-11-01", 60)];
    expect(forecast(known(new Map(), "2026-11-05", { past })).net.compare(amount(50))).toBe(0);
  });
});
