import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FaultLab, type Row, rowsOf, whole } from "./cells.ts";
import { send } from "./vendor-proxy.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

/**
 * A vendor's data that moves between two answers of a listing. What did not move is given once; what is given twice shows it by its
 * id, and the answer says that something moved.
 */

let lab: FaultLab;
beforeAll(async () => {
  lab = await FaultLab.start();
});
afterAll(() => lab.close());

type Json = Record<string, unknown>;
/** What becomes of the items of a vendor's page. */
type Change = (items: unknown[]) => unknown[];

/** A list in a body, wherever the vendor has it. */
interface Place {
  get(body: Json): unknown[];
  set(body: Json, items: unknown[]): void;
}

const at = (name: string): Place => ({
  get: (body) => listOf(body[name]),
  set: (body, items) => {
    body[name] = items;
  },
});
/** Of the page's first bucket of time. */
const inBucket: Place = {
  get: (body) => listOf(Object(listOf(body["data"])[0])["results"]),
  set: (body, items) => {
    Object(listOf(body["data"])[0])["results"] = items;
  },
};

interface Moving {
  place: Place;
  /** Another fact of the same kind. */
  another(item: Json): Json;
  /** How many vendor calls a page of rows takes. */
  calls?: number;
}

const MOVING: Readonly<Record<string, Moving>> = {
  claude: { place: inBucket, another: (item) => ({ ...item, model: "claude-of-tomorrow" }) },
  "claude days": {
    place: at("data"),
    another: (item) => ({ ...item, user: { ...Object(item["user"]), id: "user_new", email_address: "new@x.example" } }),
  },
  console: { place: inBucket, another: (item) => ({ ...item, workspace_id: "wrkspc_new" }) },
  openai: { place: inBucket, another: (item) => ({ ...item, project_id: "proj_new" }) },
  codex: { place: at("data"), another: (item) => ({ ...item, user_id: "user-new", email: "new@x.example" }) },
  events: { place: at("usageEvents"), another: (item) => ({ ...item, conversationId: "another" }) },
  daily: { place: at("data"), another: (item) => ({ ...item, userId: 99_999_999, email: "new@x.example" }) },
  confluent: { place: at("data"), another: (item) => ({ ...item, id: "another" }), calls: 2 },
};
const PAGED = VENDORS.filter(({ name }) => MOVING[name]);

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function movingOf({ name }: Vendor): Moving {
  const found = MOVING[name];
  if (!found) throw new Error(`${name} does not move`);
  return found;
}

/** A vendor whose page changes when told to. */
function changingWay(vendor: Vendor, page: number, change: Change) {
  const { place, calls = 1 } = movingOf(vendor);
  const state = { moved: false };
  const way = lab.way(vendor, (exchange) => {
    if (!state.moved || exchange.index !== page * calls) return undefined;
    return async (response) => {
      const said = await exchange.genuine();
      const body: Json = Object(JSON.parse(said.body));
      place.set(body, change(place.get(body)));
      send(response, { ...said, body: JSON.stringify(body) });
    };
  });
  return { way, state };
}

/** A listing in two answers, the first `given` rows long, one of the vendor's pages changed in between. */
async function listed(vendor: Vendor, given: number, page: number, change: Change) {
  const { way, state } = changingWay(vendor, page, change);
  const engine = lab.engine([{ vendor, way }]);
  const call = { signal: new AbortController().signal };
  const options = { budget: Number.POSITIVE_INFINITY, withRemoteData: false };
  const first = await engine.listUsage({ ...vendor.query, limit: given }, call, options);
  state.moved = true;
  const cursor = first.next_cursor ?? "";
  const rest = await engine.listUsage({ ...vendor.query, limit: 10_000, cursor }, call, options);
  // The same from the start: what there is now.
  const there = changingWay(vendor, page, change);
  there.state.moved = true;
  const now = rowsOf(await whole(lab.engine([{ vendor, way: there.way }]), vendor));
  return { given: [first, rest].flatMap(rowsOf).map(idOf), now: now.map(idOf), rest };
}

function idOf({ id }: Row): string {
  return String(id);
}

/** Where the pages of a listing begin and end, in rows. */
async function boundsOf(vendor: Vendor): Promise<[start: number, end: number][]> {
  const engine = lab.engine([{ vendor, way: lab.way(vendor) }]);
  const stream = engine.streamUsage(vendor.query, { signal: new AbortController().signal }, { withRemoteData: false });
  const bounds: [number, number][] = [];
  for (let step = await stream.next(); !step.done; step = await stream.next()) {
    const start = bounds.at(-1)?.[1] ?? 0;
    bounds.push([start, start + step.value.length]);
  }
  return bounds;
}

function twice(ids: readonly string[]): string[] {
  return ids.filter((id, index) => ids.indexOf(id) !== index);
}

describe.each(PAGED)("$name", (vendor) => {
  const { another } = movingOf(vendor);
  const CHANGES: readonly (readonly [string, Change])[] = [
    ["came before it", ([first, ...others]) => [another(Object(first)), first, ...others]],
    ["before it is gone", ([_, ...others]) => others],
  ];

  it.each(CHANGES)("goes on in the midst of a page when a row %s", async (_, change) => {
    const before = (await lab.baseline(vendor)).rows.map(idOf);
    for (const [page, [start, end]] of (await boundsOf(vendor)).entries()) {
      const { given, now, rest } = await listed(vendor, Math.floor((start + end) / 2), page, change);
      const where = `page ${page}`;
      const still = before.filter((id) => now.includes(id));
      expect(now, where).not.toEqual(before);
      expect(
        still.filter((id) => !given.includes(id)),
        `lost, ${where}`,
      ).toEqual([]);
      expect(twice(given), `doubled, ${where}`).toEqual([]);
      expect(rest.warnings.join(" "), where).toContain("changed");
    }
  });
});

/** Vendors whose pages are so many rows, wherever a day begins: a row that comes pushes others from page to page. */
const COUNTED = PAGED.filter(({ name }) => ["claude days", "codex", "daily"].includes(name));

it.each(COUNTED)(
  "$name: goes on behind a page, and says so when the next begins with a row that was given",
  async (vendor) => {
    const before = (await lab.baseline(vendor)).rows.map(idOf);
    let last: unknown;
    const seen = changingWay(vendor, 0, (items) => {
      last = items.at(-1);
      return items;
    });
    seen.state.moved = true;
    await whole(lab.engine([{ vendor, way: seen.way }]), vendor);
    const [[, end = 0] = []] = await boundsOf(vendor);
    const { given, rest } = await listed(vendor, end, 1, (items) => [last, ...items]);
    // Some adapters pass it over; where it is given again, its id is the same.
    expect(given.filter((id) => !before.includes(id))).toEqual([]);
    expect(rest.warnings.join(" ")).toContain("changed");
  },
);
