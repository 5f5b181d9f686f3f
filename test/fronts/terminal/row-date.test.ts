import { expect, it } from "vitest";
import { rowDate } from "../../../src/fronts/terminal/row-date.ts";

it.each([
  ["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-10"],
  ["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "2026-10-01"],
  ["2026-10-01T00:00:00Z", undefined, "2026-10-01"],
  ["2026-10-05T12:34:56.789Z", undefined, "2026-10-05 12:34:56.789"],
  ["2026-10-05T12:00:00Z", "2026-10-05T13:00:00Z", "2026-10-05 12:00:00 - 2026-10-05 13:00:00"],
  ["2026-09-15T00:00:00Z", "2026-10-15T00:00:00Z", "2026-09-15 - 2026-10-15"],
  ["some day", undefined, "some day"],
  [undefined, "2026-10-01T00:00:00Z", ""],
])("from %s to %s is %j", (start, end, text) => expect(rowDate(start, end)).toBe(text));
