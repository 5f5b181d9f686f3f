import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import {
  addMonths,
  ceilMonth,
  DAY,
  iso,
  isoDay,
  isoMonth,
  isoWeek,
  readInstant,
  splitMonths,
  startOfDay,
  startOfMonth,
  writePeriod,
} from "../../src/usage/period.ts";

const at = (text: string) => Date.parse(text);

describe("reading an instant", () => {
  it.each([
    ["2026-10-01", "2026-10-01T00:00:00Z"],
    ["2000-02-29", "2000-02-29T00:00:00Z"],
    ["2024-02-29", "2024-02-29T00:00:00Z"],
    ["2100-12-31", "2100-12-31T00:00:00Z"],
  ])("%s is that midnight, UTC, and a day only", (text, due) => {
    expect(readInstant(text, "start_date")).toEqual({ at: at(due), dayOnly: true });
  });

  it.each([
    ["2026-10-01T00:00:00Z", "2026-10-01T00:00:00.000Z"],
    ["2026-10-01t07:08:09z", "2026-10-01T07:08:09.000Z"],
    ["2026-10-01 07:08:09", "2026-10-01T07:08:09.000Z"],
    ["2026-10-01T07:08", "2026-10-01T07:08:00.000Z"],
    ["2026-10-31T23:59:59.999Z", "2026-10-31T23:59:59.999Z"],
    ["2026-10-31T23:59:59.999999999Z", "2026-10-31T23:59:59.999Z"],
    ["2026-10-31T23:59:59.5Z", "2026-10-31T23:59:59.500Z"],
    ["2026-10-01T00:00:00+02:00", "2026-09-30T22:00:00.000Z"],
    ["2026-10-01T00:00:00-0330", "2026-10-01T03:30:00.000Z"],
    ["2026-01-01T00:00:00+14:00", "2025-12-31T10:00:00.000Z"],
    ["2024-02-29T23:30:00-01:00", "2024-03-01T00:30:00.000Z"],
    ["  2026-10-01T00:00:00Z ", "2026-10-01T00:00:00.000Z"],
  ])("%s is %s", (text, due) => {
    expect(readInstant(text, "start_date")).toEqual({ at: at(due), dayOnly: false });
  });

  it.each([
    "2026-02-30",
    "2026-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-10-00",
    "20266-01-01",
    "1999-12-31",
    "2101-01-01",
    "0000-01-01",
    "2026-1-1",
    "2026/10/01",
    "01-10-2026",
    "2026-10",
    "2026",
    "20261001",
    "yesterday",
    "1761955200",
    "",
    " ",
    "2026-10-01T24:00:00Z",
    "2026-10-01T12:60:00Z",
    "2026-10-01T12:00:61Z",
    "2026-10-01T12Z",
    "2026-10-01T12:00:00+15:00",
    "2026-10-01T12:00:00+02:60",
    "2026-10-01T12:00:00 CET",
    "2026-10-01\n2026-10-02",
    "٢٠٢٦-١٠-٠١",
    `2026-10-01${"0".repeat(100_000)}`,
  ])("%j is refused with an error that names the parameter", (text) => {
    let caught: unknown;
    try {
      readInstant(text, "end_date");
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof UsageError)) throw new Error("it was read");
    expect(caught.kind).toBe("question");
    expect(caught.details.parameter).toBe("end_date");
    expect(caught.message).toMatch(/^end_date: /);
    expect(caught.message.length).toBeLessThan(300);
  });

  it("reads what iso writes, for any second of the century", () => {
    const seconds = fc.integer({ min: at("2000-01-01") / 1000, max: at("2100-12-31T23:59:59Z") / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(readInstant(iso(second * 1000), "start_date").at).toBe(second * 1000);
      }),
    );
  });
});

describe("writing an instant", () => {
  it.each([
    [0, "1970-01-01T00:00:00Z", "1970-01-01", "1970-01"],
    [at("2026-10-31T23:59:59.999Z"), "2026-10-31T23:59:59.999Z", "2026-10-31", "2026-10"],
    [at("2024-02-29T12:00:00Z"), "2024-02-29T12:00:00Z", "2024-02-29", "2024-02"],
  ])("%s is %s", (instant, full, day, month) => {
    expect([iso(instant), isoDay(instant), isoMonth(instant)]).toEqual([full, day, month]);
  });

  it("a period is written with both ends", () => {
    expect(writePeriod({ start: at("2026-10-01"), end: at("2026-11-01") })).toEqual({
      start_date: "2026-10-01T00:00:00Z",
      end_date: "2026-11-01T00:00:00Z",
    });
  });
});

describe("months", () => {
  it.each([
    ["2026-01-31T10:00:00Z", 1, "2026-02-01T00:00:00Z"],
    ["2024-02-29T00:00:00Z", 1, "2024-03-01T00:00:00Z"],
    ["2026-12-31T23:59:59Z", 1, "2027-01-01T00:00:00Z"],
    ["2026-01-01T00:00:00Z", -1, "2025-12-01T00:00:00Z"],
    ["2026-03-31T00:00:00Z", -1, "2026-02-01T00:00:00Z"],
    ["2026-11-22T12:00:00Z", 0, "2026-11-01T00:00:00Z"],
    ["2026-11-22T12:00:00Z", -23, "2024-12-01T00:00:00Z"],
    ["2026-11-22T12:00:00Z", 14, "2028-01-01T00:00:00Z"],
  ])("%s and %i months begins %s", (from, months, due) => {
    expect(iso(addMonths(at(from), months))).toBe(due);
  });

  it.each([
    ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"],
    ["2026-11-01T00:00:00.001Z", "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"],
    ["2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    ["2024-02-29T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"],
  ])("the month of %s begins %s; the next to begin does so at %s", (instant, floor, ceiling) => {
    expect([iso(startOfMonth(at(instant))), iso(ceilMonth(at(instant)))]).toEqual([floor, ceiling]);
  });

  it.each([
    ["2026-10-05T23:59:59.999Z", "2026-10-05T00:00:00Z"],
    ["2026-10-05T00:00:00Z", "2026-10-05T00:00:00Z"],
    ["1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z"],
  ])("the day of %s begins %s", (instant, due) => {
    expect(iso(startOfDay(at(instant)))).toBe(due);
  });
});

describe("a period cut at each first of a month", () => {
  it.each([
    ["2026-10-01", "2026-11-01", [["2026-10-01", "2026-11-01"]]],
    [
      "2026-01-15",
      "2026-04-02",
      [
        ["2026-01-15", "2026-02-01"],
        ["2026-02-01", "2026-03-01"],
        ["2026-03-01", "2026-04-01"],
        ["2026-04-01", "2026-04-02"],
      ],
    ],
    [
      "2024-02-28",
      "2024-03-02",
      [
        ["2024-02-28", "2024-03-01"],
        ["2024-03-01", "2024-03-02"],
      ],
    ],
    [
      "2026-12-31",
      "2027-01-02",
      [
        ["2026-12-31", "2027-01-01"],
        ["2027-01-01", "2027-01-02"],
      ],
    ],
    ["2026-10-07", "2026-10-08", [["2026-10-07", "2026-10-08"]]],
    ["2026-10-07", "2026-10-07", []],
    ["2026-10-08", "2026-10-07", []],
  ])("%s to %s", (start, end, due) => {
    const pieces = splitMonths({ start: at(start), end: at(end) });
    expect(pieces.map((piece) => [isoDay(piece.start), isoDay(piece.end)])).toEqual(due);
  });

  it("covers it once, without gap or overlap, each piece within one month and 31 days", () => {
    const day = fc.integer({ min: at("2000-01-01") / DAY, max: at("2100-01-01") / DAY });
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 800 }), (first, days) => {
        const period = { start: first * DAY, end: (first + days) * DAY };
        const pieces = splitMonths(period);
        expect(pieces[0]?.start).toBe(period.start);
        expect(pieces.at(-1)?.end).toBe(period.end);
        for (const [index, piece] of pieces.entries()) {
          expect(piece.end - piece.start).toBeGreaterThan(0);
          expect(piece.end - piece.start).toBeLessThanOrEqual(31 * DAY);
          expect(isoMonth(piece.start)).toBe(isoMonth(piece.end - 1));
          if (index > 0) expect(piece.start).toBe(pieces[index - 1]?.end);
        }
      }),
    );
  });
});

describe("ISO weeks at the borders of years", () => {
  // From Python's date.isocalendar().
  it.each([
    ["2019-12-29", "2019-W52"],
    ["2019-12-30", "2020-W01"],
    ["2020-12-31", "2020-W53"],
    ["2021-01-03", "2020-W53"],
    ["2021-01-04", "2021-W01"],
    ["2022-01-01", "2021-W52"],
    ["2022-01-02", "2021-W52"],
    ["2022-01-03", "2022-W01"],
    ["2024-12-29", "2024-W52"],
    ["2024-12-30", "2025-W01"],
    ["2026-01-01", "2026-W01"],
    ["2026-12-31", "2026-W53"],
    ["2027-01-01", "2026-W53"],
    ["2027-01-03", "2026-W53"],
    ["2027-01-04", "2027-W01"],
    ["2028-01-01", "2027-W52"],
    ["2028-02-29", "2028-W09"],
    ["2032-12-31", "2032-W53"],
    ["2033-01-02", "2032-W53"],
  ])("%s lies in %s, at its first and at its last instant", (day, week) => {
    expect([isoWeek(at(day)), isoWeek(at(day) + DAY - 1)]).toEqual([week, week]);
  });

  it("seven days from a Monday share a week, and the next Monday begins another", () => {
    const monday = at("2000-01-03");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5200 }), (weeks) => {
        const first = monday + weeks * 7 * DAY;
        const names = Array.from({ length: 7 }, (_, day) => isoWeek(first + day * DAY));
        expect(new Set(names).size).toBe(1);
        expect(isoWeek(first + 7 * DAY)).not.toBe(names[0]);
      }),
    );
  });
});
