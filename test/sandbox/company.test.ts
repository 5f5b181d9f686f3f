import { expect, it } from "vitest";
import {
  dayText,
  firstDay,
  lastDay,
  monthOf,
  monthText,
  parseDay,
  weekday,
  yearBefore,
} from "../../src/sandbox/calendar.ts";
import { COMPANY, employedOn, PEOPLE } from "../../src/sandbox/company.ts";
import { HISTORY_START, INCIDENT, volume } from "../../src/sandbox/volume.ts";

const day = (text: string) => parseDay(text) ?? Number.NaN;
const SERIES = { name: "some series", rhythm: "working_week" } as const;

it("people have their own address at the company, some have left", () => {
  expect(PEOPLE.length).toBeGreaterThanOrEqual(38);
  expect(new Set(PEOPLE.map(({ email }) => email)).size).toBe(PEOPLE.length);
  for (const { email, joined, left } of PEOPLE) {
    expect(email).toMatch(/^[a-z.-]+@tidewater-robotics\.example$/);
    expect(parseDay(joined)).toBeDefined();
    if (left !== undefined) expect(left > joined).toBe(true);
  }
  expect(COMPANY.domain.endsWith(".example")).toBe(true);
  const names = (date: string) => employedOn(date).map(({ name }) => name);
  expect(names("2026-04-30")).toContain("Ewan Carstairs");
  expect(names("2026-05-01")).not.toContain("Ewan Carstairs");
  expect(names("2026-06-01")).toContain("Pavel Drozdik");
});

it("a day's volume is the same whenever it is asked, and differs between series", () => {
  const at = day("2026-09-10");
  expect(volume(SERIES, at)).toBe(volume({ ...SERIES }, at));
  expect(volume(SERIES, at)).toBe(1_513_869);
  expect(volume({ ...SERIES, name: "another series" }, at)).not.toBe(volume(SERIES, at));
});

it("the working week has a weekend, steady and constant volumes have none", () => {
  const [friday, saturday] = [day("2026-09-11"), day("2026-09-12")];
  expect(volume(SERIES, saturday)).toBeLessThan(volume(SERIES, friday) * 0.7);
  const steady = { ...SERIES, rhythm: "steady" } as const;
  expect(volume(steady, saturday)).toBeGreaterThan(volume(steady, friday) * 0.9);
  expect(volume({ ...SERIES, rhythm: "constant" }, saturday)).toBe(1_000_000);
});

it("volume grows by some percent a month", () => {
  const monthly = (month: number) => {
    let sum = 0;
    for (let at = firstDay(month); at <= lastDay(month); at++) sum += volume({ ...SERIES, rhythm: "steady" }, at);
    return sum / (lastDay(month) - firstDay(month) + 1);
  };
  const start = monthOf(HISTORY_START);
  for (let month = start; month < start + 24; month++) {
    const growth = monthly(month + 1) / monthly(month);
    expect(growth).toBeGreaterThan(1.005);
    expect(growth).toBeLessThan(1.05);
  }
});

it("the incident lifts what it touches, on its three days", () => {
  const touched = { ...SERIES, peak: 8 };
  expect([INCIDENT.first, INCIDENT.last].map(dayText)).toEqual(["2026-10-13", "2026-10-15"]);
  for (let at = INCIDENT.first - 3; at <= INCIDENT.last + 3; at++) {
    const lift = volume(touched, at) / volume(SERIES, at);
    if (at < INCIDENT.first || at > INCIDENT.last) expect(lift).toBe(1);
    else expect(lift).toBeGreaterThan(4);
  }
  expect(volume(touched, INCIDENT.first + 1) / volume(SERIES, INCIDENT.first + 1)).toBeCloseTo(8, 3);
});

it("the calendar knows days, months and years", () => {
  expect(parseDay("2024-02-29")).toBeDefined();
  for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "2026-01-01T00:00:00Z", ""]) {
    expect(parseDay(text), text).toBeUndefined();
  }
  expect(weekday(day("2026-10-25"))).toBe(0);
  expect(monthText(monthOf(day("2026-12-31")))).toBe("2026-12");
  expect(dayText(lastDay(monthOf(day("2028-02-01"))))).toBe("2028-02-29");
  expect(dayText(yearBefore(day("2026-11-23")))).toBe("2025-11-23");
  expect(dayText(yearBefore(day("2028-02-29")))).toBe("2027-03-01");
});
