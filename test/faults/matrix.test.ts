import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numeral } from "../usage/exact-sum.ts";
import { type Baseline, FaultLab, type Measured, type Mode } from "./cells.ts";
import { FAULTS, type Fault, REPEATED_PAGE, REQUEST_ID, SLOW } from "./faults.ts";
import { sumOf, tableOf } from "./table.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

/**
 * Every fault that can happen on the way to a vendor's page, at every vendor, on its first, a middle and its last page, once and
 * always: what comes of a listing, and of a summary over this account and another one.
 */

const MATRIX = [...FAULTS, REPEATED_PAGE, ...SLOW];
const MODES: readonly Mode[] = ["once", "always"];
const AT_A_TIME = 24;
/** These do nothing but wait; few are enough. */
const SLOW_AT_A_TIME = 30;
/** All cells together, on a busy machine. */
const PATIENCE = 480_000;
/** Tries of one page, at the most: the first, and five after it where the vendor throttles. */
const MOST_TRIES = 6;
/** Words by which an error says what to do. */
const ADVICE = /\b(?:try|check|ask|change|supply|gives?|needs?|must be|look for|use|plan)\b/i;
/** Readings of a listing whose paging expires. */
const MOST_READINGS = 3;

let lab: FaultLab;
const measured: Measured[] = [];
const undisturbed = new Map<string, Baseline>();

beforeAll(async () => {
  lab = await FaultLab.start();
  for (const vendor of VENDORS) undisturbed.set(vendor.name, await lab.baseline(vendor));
  await measureAll(FAULTS, AT_A_TIME, placesOf);
  // The first page repeats none.
  await measureAll([REPEATED_PAGE], AT_A_TIME, (vendor) => placesOf(vendor, "once").slice(1));
  await measureAll(SLOW, SLOW_AT_A_TIME, (vendor) => placesOf(vendor, "once").slice(1, 2));
}, PATIENCE);

afterAll(async () => {
  await lab.close();
  for (const mode of MODES) console.log(`${tableOf(sorted(), mode)}\n`);
  console.log(sumOf(measured));
});

async function measureAll(
  faults: readonly Fault[],
  atATime: number,
  pagesOf: (vendor: Vendor, mode: Mode) => number[],
): Promise<void> {
  const cells = VENDORS.flatMap((vendor) =>
    faults.flatMap((fault) =>
      MODES.flatMap((mode) => pagesOf(vendor, mode).map((page) => ({ vendor, fault, page, mode }))),
    ),
  );
  const worker = async () => {
    for (let cell = cells.pop(); cell; cell = cells.pop()) {
      const found = await lab.measure(cell);
      if (found) measured.push(found);
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

/** First, middle, last; a vendor whose question takes two pages has no middle. What happens always ends there either way. */
function placesOf(vendor: Vendor, mode: Mode): number[] {
  const { pages } = baselineOf(vendor);
  // What goes on for ever ends a listing wherever it begins.
  return mode === "always" ? [0] : [...new Set([0, Math.floor(pages / 2), pages - 1])];
}

function baselineOf({ name }: Vendor): Baseline {
  const found = undisturbed.get(name);
  if (!found) throw new Error(`${name} was not read`);
  return found;
}

function sorted(): Measured[] {
  const order = ({ cell }: Measured) => MATRIX.indexOf(cell.fault) * VENDORS.length + VENDORS.indexOf(cell.vendor);
  return [...measured].sort((a, b) => order(a) - order(b));
}

function cellsOf(vendor: Vendor, fault: Fault): [string, Measured][] {
  return measured
    .filter(({ cell }) => cell.vendor === vendor && cell.fault === fault)
    .map((one) => [`${one.cell.mode}, page ${one.cell.page}`, one]);
}

describe.each(VENDORS)("at $name", (vendor) => {
  const faults = MATRIX.filter(({ happensAt }) => happensAt?.(vendor) !== false);

  it("a question takes several pages, and has rows", () => {
    const { pages, rows } = baselineOf(vendor);
    expect(pages).toBeGreaterThanOrEqual(vendor.name === "datadog" ? 2 : 3);
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(faults)("$name heals, or is this account's error and spoils nothing else", (fault) => {
    const cells = cellsOf(vendor, fault);
    expect(cells.length).toBeGreaterThan(0);
    for (const [where, one] of cells) {
      expectOutcome(one, where);
      expectNothingLost(one, where);
      expectNoCallWasted(one, where);
      expectReport(one, where);
      expectOthersWhole(one, where);
    }
  });
});

it("redirects are followed by nobody", () => {
  expect(lab.proxy.strays).toEqual([]);
});

function expectOutcome({ cell: { fault, mode }, listing, summary }: Measured, where: string): void {
  expect(fault[mode], where).toContain(listing.kind);
  if (summary) expect(fault[mode], `summary, ${where}`).toContain(summary.kind);
}

/** An answer that does not say that it is partial is whole. */
function expectNothingLost({ cell: { vendor }, listing, summary }: Measured, where: string): void {
  if (listing.kind === "healed") expect(listing, where).toMatchObject({ lost: 0, doubled: 0, money: "same" });
  if (summary?.kind !== "healed") return;
  expect(summary.answer["totals"], where).toEqual(baselineOf(vendor).totals?.both);
  expect(summary.answer["is_partial_response"], where).toBe(false);
}

function expectNoCallWasted({ cell: { vendor, fault, page, mode }, listing }: Measured, where: string): void {
  const { calls } = baselineOf(vendor);
  const asked = calls + listing.calls;
  // A listing whose paging expired, or led back, is read again from its start.
  const expires = fault.status === 410;
  const isReread = expires || fault === REPEATED_PAGE;
  expect(asked, where).toBeLessThanOrEqual(isReread ? MOST_READINGS * calls : calls + MOST_TRIES - 1);
  if (mode === "once" && listing.kind === "healed" && fault !== REPEATED_PAGE && !fault.bounds)
    expect(listing.calls, where).toBeLessThanOrEqual(expires ? page + 1 : fault.always.includes("healed") ? 0 : 1);
  // What can't heal is not tried again.
  if (!fault.once.includes("healed")) expect(asked, where).toBe(page + 1);
}

/** Vendor, account, status and request id where there are any, and what to do. */
function expectReport({ cell: { vendor, fault }, listing: { error } }: Measured, where: string): void {
  if (!error) return;
  const { message, details } = error;
  expect(details, where).toMatchObject({ integrated_account_id: vendor.name, provider: expect.any(String) });
  expect(message, where).toContain(`${details.provider} account '${vendor.name}'`);
  expect(message, where).toMatch(ADVICE);
  if (fault.status === undefined) return;
  expect(details, where).toMatchObject({ status: fault.status, request_id: REQUEST_ID });
  expect(message, where).toContain(`${fault.status}`);
  expect(message, where).toContain(REQUEST_ID);
}

/** The other account of a summary is whole; the totals say what they leave out, and count nothing twice. */
function expectOthersWhole({ cell: { vendor }, listing, summary }: Measured, where: string): void {
  if (!summary || summary.kind === "healed") return;
  const { answer, own, kind } = summary;
  const { totals } = baselineOf(vendor);
  expect(answer["is_partial_response"], where).toBe(true);
  expect(listOf(answer["warnings"]).join(" "), where).toContain(vendor.name);
  const others = listOf(answer["accounts"]).map(Object);
  expect(others.map(({ status }) => status).sort(), where).toEqual([String(own["status"]), "ok"].sort());
  // A listing may show a row twice, by its id; a sum has it once.
  if (kind === "partial") expect(own["net"], where).toBeCloseTo(Number(numeral(listing.distinct ?? 0n)), 9);
  if (kind !== "reported") return;
  expect(answer["totals"], where).toEqual(totals?.other);
  expect(String(own["error"]), where).toContain(`account '${vendor.name}'`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
