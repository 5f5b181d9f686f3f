import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { comparedPeriod, type PeriodRequest, readPeriod } from "../../src/usage/named-period.ts";
import { writePeriod } from "../../src/usage/period.ts";

const at = (text: string) => Date.parse(text);
const NOW = at("2026-11-22T15:30:00Z");

function days(request: PeriodRequest, now = NOW): [string, string] {
  const { start_date, end_date } = writePeriod(readPeriod(request, now));
  return [start_date.replace("T00:00:00Z", ""), end_date.replace("T00:00:00Z", "")];
}

describe("named periods, half-open", () => {
  it.each([
    ["this_month", "2026-11-01", "2026-12-01"],
    ["last_month", "2026-10-01", "2026-11-01"],
    ["last_7_days", "2026-11-15", "2026-11-22"],
    ["last_30_days", "2026-10-23", "2026-11-22"],
    ["2026-10", "2026-10-01", "2026-11-01"],
    ["2026-12", "2026-12-01", "2027-01-01"],
    ["2024-02", "2024-02-01", "2024-03-01"],
    ["2026-02", "2026-02-01", "2026-03-01"],
    ["2026-Q1", "2026-01-01", "2026-04-01"],
    ["2026-q2", "2026-04-01", "2026-07-01"],
    ["2026-Q3", "2026-07-01", "2026-10-01"],
    ["2026-Q4", "2026-10-01", "2027-01-01"],
    ["2026", "2026-01-01", "2027-01-01"],
    ["2024", "2024-01-01", "2025-01-01"],
  ])("%s on 2026-11-22 is %s to %s", (period, start, end) => {
    expect(days({ period })).toEqual([start, end]);
  });

  it("nothing given is the running month", () => {
    expect(days({})).toEqual(["2026-11-01", "2026-12-01"]);
  });

  it.each([
    ["last_month", "2026-01-05T00:00:00Z", "2025-12-01", "2026-01-01"],
    ["this_month", "2026-01-01T00:00:00Z", "2026-01-01", "2026-02-01"],
    ["this_month", "2026-12-31T23:59:59.999Z", "2026-12-01", "2027-01-01"],
    ["last_month", "2028-03-31T12:00:00Z", "2028-02-01", "2028-03-01"],
    ["last_7_days", "2028-03-03T23:59:59Z", "2028-02-25", "2028-03-03"],
    ["last_30_days", "2026-03-01T00:00:00Z", "2026-01-30", "2026-03-01"],
  ])("%s at %s is %s to %s", (period, now, start, end) => {
    expect(days({ period }, at(now))).toEqual([start, end]);
  });
});

describe("periods given by dates, half-open", () => {
  it.each([
    [{ start_date: "2026-10-01", end_date: "2026-11-01" }, "2026-10-01", "2026-11-01"],
    [{ start_date: "2026-10-01", end_date: "2026-10-02" }, "2026-10-01", "2026-10-02"],
    [
      { start_date: "2026-10-01T06:00:00Z", end_date: "2026-10-01T18:00:00Z" },
      "2026-10-01T06:00:00Z",
      "2026-10-01T18:00:00Z",
    ],
    [{ start_date: "2026-10-01T00:00:00+02:00", end_date: "2026-10-02" }, "2026-09-30T22:00:00Z", "2026-10-02"],
  ])("%j", (request, start, end) => {
    expect(days(request)).toEqual([start, end]);
  });

  it("without an end it goes on through today", () => {
    expect(days({ start_date: "2026-11-01" })).toEqual(["2026-11-01", "2026-11-23"]);
  });

  it.each<[PeriodRequest, string]>([
    [{ period: "last_week" }, "period"],
    [{ period: "2026-13" }, "period"],
    [{ period: "2026-00" }, "period"],
    [{ period: "2026-Q5" }, "period"],
    [{ period: "2026-Q0" }, "period"],
    [{ period: "26" }, "period"],
    [{ period: "20266" }, "period"],
    [{ period: "2026-10-01" }, "period"],
    [{ period: "1999" }, "period"],
    [{ period: "this_month", start_date: "2026-10-01" }, "period"],
    [{ period: "this_month", end_date: "2026-10-01" }, "period"],
    [{ end_date: "2026-10-01" }, "start_date"],
    [{ start_date: "2026-10-02", end_date: "2026-10-01" }, "end_date"],
    [{ start_date: "2026-10-01", end_date: "2026-10-01" }, "end_date"],
    [{ start_date: "2027-01-01" }, "start_date"],
    [{ start_date: "2026-02-30", end_date: "2026-10-01" }, "start_date"],
    [{ start_date: "2026-02-01", end_date: "2026-02-30" }, "end_date"],
  ])("%j is refused, naming %s", (request, parameter) => {
    let caught: unknown;
    try {
      readPeriod(request, NOW);
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof UsageError)) throw new Error("it was read");
    expect([caught.kind, caught.details.parameter]).toEqual(["question", parameter]);
  });
});

describe("the period to compare with", () => {
  it.each([
    ["whole months: as many before", "2026-10-01", "2026-11-01", "2026-09-01", "2026-10-01"],
    ["March after a short February", "2026-03-01", "2026-04-01", "2026-02-01", "2026-03-01"],
    ["February after a long January", "2024-02-01", "2024-03-01", "2024-01-01", "2024-02-01"],
    ["January after December", "2026-01-01", "2026-02-01", "2025-12-01", "2026-01-01"],
    ["a quarter", "2026-01-01", "2026-04-01", "2025-10-01", "2026-01-01"],
    ["a year", "2024-01-01", "2025-01-01", "2023-01-01", "2024-01-01"],
    ["seven days", "2026-11-15", "2026-11-22", "2026-11-08", "2026-11-15"],
    ["days over a leap day", "2024-02-28", "2024-03-02", "2024-02-25", "2024-02-28"],
    ["from a first to a day within a month", "2026-10-01", "2026-10-15", "2026-09-17", "2026-10-01"],
  ])("previous_period, %s", (_, start, end, from, to) => {
    const period = { start: at(start), end: at(end) };
    expect(comparedPeriod(period, "previous_period")).toEqual({ start: at(from), end: at(to) });
  });

  it.each([
    ["a month", "2026-10-01", "2026-11-01", "2025-10-01", "2025-11-01"],
    ["a leap February", "2024-02-01", "2024-03-01", "2023-02-01", "2023-03-01"],
    ["a February before a leap one", "2025-02-01", "2025-03-01", "2024-02-01", "2024-03-01"],
    [
      "a leap day alone becomes an empty stretch at most, never a day of its own",
      "2024-02-29",
      "2024-03-01",
      "2023-03-01",
      "2023-03-01",
    ],
    [
      "instants keep their time of day",
      "2026-10-01T06:00:00Z",
      "2026-10-02T18:00:00Z",
      "2025-10-01T06:00:00Z",
      "2025-10-02T18:00:00Z",
    ],
  ])("previous_year, %s", (_, start, end, from, to) => {
    const period = { start: at(start), end: at(end) };
    expect(comparedPeriod(period, "previous_year")).toEqual({ start: at(from), end: at(to) });
  });
});
