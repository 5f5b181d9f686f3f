import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { FaultLab, moneyOf, type Row, rowsOf, whole } from "./cells.ts";
import { send, type Way } from "./vendor-proxy.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

/**
 * Pages that are counted, 1, 2, 3: whatever comes or goes before a page pushes rows across its border. What is given twice has the
 * same id, nothing is counted twice in a sum, and what may be missing is said.
 */

type Json = Record<string, unknown>;

/** An endpoint of counted pages: its items now, and their page. */
interface Numbered {
  vendor: Vendor;
  /** The items that pages are counted in: events, or people with all their rows. */
  units(body: Json): Json[][];
  page(units: Json[][], asked: { page: number; size: number }, body: Json): Json;
  size: number;
}

const call = { signal: new AbortController().signal };

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value : [];
}

const NUMBERED: readonly Numbered[] = [
  {
    vendor: vendorNamed("events"),
    units: (body) => listOf(body["usageEvents"]).map((event) => [event]),
    page: (units, { page, size }, body) => ({
      ...body,
      totalUsageEventsCount: units.length,
      pagination: {
        numPages: Math.ceil(units.length / size),
        currentPage: page,
        pageSize: size,
        hasNextPage: page * size < units.length,
        hasPreviousPage: page > 1,
      },
      usageEvents: units.slice((page - 1) * size, page * size).flat(),
    }),
    size: 10,
  },
  {
    vendor: vendorNamed("daily"),
    units: (body) => {
      const rows = listOf(body["data"]);
      const people = [...new Set(rows.map(({ userId }) => userId))];
      return people.map((person) => rows.filter(({ userId }) => userId === person));
    },
    page: (units, { page, size }, body) => ({
      ...body,
      data: units.slice((page - 1) * size, page * size).flat(),
      pagination: {
        page,
        pageSize: size,
        totalUsers: units.length,
        totalPages: Math.ceil(units.length / size),
        hasNextPage: page * size < units.length,
        hasPreviousPage: page > 1,
      },
    }),
    size: 6,
  },
];

function vendorNamed(name: string): Vendor {
  const found = VENDORS.find((vendor) => vendor.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

let lab: FaultLab;
beforeAll(async () => {
  lab = await FaultLab.start();
});
afterAll(() => lab.close());

/** How many units, the newest, are not there at the beginning. */
const HELD = 14;

/** What happens to the units behind one of the vendor's answers. */
interface Move {
  /** Behind which answer, from 1. */
  after: number;
  /** Of the units held back so far, how many come, and whether at the top, as events do, or in their places. */
  come: number;
  atTop: boolean;
  /** Which of the units go. */
  gone: readonly number[];
}

/** Only what comes, newest first: what a vendor's day is like. */
const arrival: fc.Arbitrary<Move> = fc.record({
  after: fc.integer({ min: 1, max: 6 }),
  come: fc.integer({ min: 1, max: HELD }),
  atTop: fc.constant(true),
  gone: fc.constant([]),
});
/** What comes and goes at once, as many as before, looks like nothing at all where items have no ids of their own. */
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  arrival,
  fc.record({
    after: fc.integer({ min: 1, max: 6 }),
    come: fc.integer({ min: 1, max: HELD }),
    atTop: fc.constant(false),
    gone: fc.constant([]),
  }),
  fc.record({
    after: fc.integer({ min: 1, max: 6 }),
    come: fc.constant(0),
    atTop: fc.constant(true),
    gone: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 6 }),
  }),
);

/** The units of a real answer, in the vendor's order, and everything around them. */
async function material({ vendor, units }: Numbered): Promise<{ body: Json; all: Json[][] }> {
  let body: Json = {};
  const way = lab.way({ ...vendor, pageSize: { name: "pageSize", most: 1000 } }, (exchange) => async (response) => {
    const said = await exchange.genuine();
    body = Object(JSON.parse(said.body));
    send(response, said);
  });
  await whole(lab.engine([{ vendor, way }]), vendor);
  return { body, all: units(body).slice(0, 50) };
}

/** A vendor whose units move behind its answers; at the beginning the newest are not there yet. */
class Moving {
  readonly way: Way;
  /** What there was, first to last. */
  readonly states: Json[][][];
  #held: Json[][];
  #answers = 0;

  constructor({ vendor, page, size }: Numbered, { body, all }: { body: Json; all: Json[][] }, moves: readonly Move[]) {
    this.#held = all.slice(0, HELD);
    this.states = [all.slice(HELD)];
    this.way = lab.way(vendor, ({ asked }) => (response) => {
      const number = Number(Object(JSON.parse(asked.body))["page"]);
      const now = this.states.at(-1) ?? [];
      const headers = { "content-type": "application/json" };
      send(response, { status: 200, headers, body: JSON.stringify(page(now, { page: number, size }, body)) });
      this.#answers++;
      for (const move of moves) if (move.after === this.#answers) this.#move(move);
    });
  }

  #move({ come, atTop, gone }: Move): void {
    const now = this.states.at(-1) ?? [];
    const left = now.filter((_, index) => !gone.includes(index));
    const coming = this.#held.splice(-come);
    // In their places: by the order of all there ever is.
    this.states.push(atTop ? [...coming, ...left] : [...left.slice(0, 3), ...coming, ...left.slice(3)]);
  }
}

/** The rows of a state that stands still. */
async function rowsAt(numbered: Numbered, body: Json, units: Json[][]): Promise<Row[]> {
  const still = new Moving(numbered, { body, all: [...Array.from({ length: HELD }, () => []), ...units] }, []);
  return rowsOf(await whole(lab.engine([{ vendor: numbered.vendor, way: still.way }]), numbered.vendor));
}

const limits = fc.array(fc.integer({ min: 4, max: 40 }), { minLength: 1, maxLength: 4 });

describe.each(NUMBERED)("$vendor.name", (numbered) => {
  const { vendor } = numbered;

  let body: Json;
  let all: Json[][];
  beforeAll(async () => {
    ({ body, all } = await material(numbered));
  });

  /** A listing in several answers over data that moves. */
  async function walked(moves: readonly Move[], sizes: readonly number[]) {
    const moving = new Moving(numbered, { body, all }, moves);
    const engine = lab.engine([{ vendor, way: moving.way }]);
    const given: Row[] = [];
    const warnings: string[] = [];
    let cursor: string | null = "";
    for (let index = 0; cursor !== null; index++) {
      const limit = sizes[index % sizes.length] ?? 10;
      const query = { ...vendor.query, limit, ...(cursor ? { cursor } : {}) };
      const answer = await engine.listUsage(query, call, { budget: Number.POSITIVE_INFINITY, withRemoteData: false });
      given.push(...rowsOf(answer));
      warnings.push(...answer.warnings);
      cursor = answer.next_cursor;
    }
    const states = await Promise.all(moving.states.map((units) => rowsAt(numbered, body, units)));
    const known = new Set(states.flat().map(({ id }) => id));
    const stable = states.reduce((kept, rows) => kept.filter(({ id }) => rows.some((row) => row["id"] === id)));
    const ids = given.map(({ id }) => id);
    return {
      ids,
      unknown: ids.filter((id) => !known.has(id)),
      lost: stable.map(({ id }) => id).filter((id) => !ids.includes(id)),
      doubled: ids.filter((id, index) => ids.indexOf(id) !== index),
      warnings: warnings.join(" "),
    };
  }

  it("gives everything that stayed where rows only came, and what is given twice has one id", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 2 }), limits, async (moves, sizes) => {
        const { unknown, lost, doubled, warnings } = await walked(moves, sizes);
        expect(unknown).toEqual([]);
        expect(lost).toEqual([]);
        if (doubled.length > 0) expect(warnings).not.toBe("");
      }),
      { numRuns: 12 },
    );
  });

  it("says so wherever something that stayed is missing or given twice, whatever came and went", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { minLength: 1, maxLength: 1 }), limits, async (moves, sizes) => {
        const { unknown, lost, doubled, warnings } = await walked(moves, sizes);
        // An event has no id of its own: one that is met again where others went is taken for its twin.
        if (lost.length + doubled.length + unknown.length > 0) expect(warnings).not.toBe("");
      }),
      {
        numRuns: 20,
        // One takes another's place before the last row given, which stands where it stood.
        examples: [
          [[{ after: 1, come: 1, atTop: false, gone: [] }], [7]],
          // Some go while the second answer is read.
          [[{ after: 2, come: 0, atTop: true, gone: [10, 0, 1, 2] }], [5]],
        ],
      },
    );
  });
});

describe("a summary over data that moves", () => {
  it("is that of one moment, or says that it is partial; nothing is counted twice", async () => {
    const [numbered] = NUMBERED;
    if (!numbered) throw new Error("there is one");
    const { vendor } = numbered;
    const { body, all } = await material(numbered);
    await fc.assert(
      fc.asyncProperty(fc.array(anyMove, { minLength: 1, maxLength: 1 }), async (moves) => {
        const moving = new Moving(numbered, { body, all }, moves);
        const engine = lab.engine([{ vendor, way: moving.way }]);
        const answer = await getCostSummary.run(engine, { ...vendor.summary }, call);
        const net = moneyOf([{ charges: [{ type: "net", amount: Object(listOf(answer["totals"])[0])["net"] ?? 0 }] }]);
        const states = await Promise.all(moving.states.map((units) => rowsAt(numbered, body, units)));
        const ever = new Map(states.flat().map((row) => [row["id"], row]));
        if (answer["is_partial_response"] === true) {
          expect(listOf(answer["warnings"])).not.toEqual([]);
          expect(net <= moneyOf([...ever.values()])).toBe(true);
        } else expect(states.map(moneyOf)).toContain(net);
      }),
      { numRuns: 20 },
    );
  });
});
