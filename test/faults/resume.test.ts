import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { UsageError } from "../../src/errors.ts";
import { FaultLab, type Row, rowsOf } from "./cells.ts";
import { faultNamed, happening } from "./faults.ts";
import type { Answer, Way } from "./vendor-proxy.ts";
import { VENDORS, type Vendor } from "./vendors.ts";

/**
 * A long listing that is interrupted anywhere goes on to exactly the rows of an uninterrupted one: after any row, by a fault on
 * any vendor page, by the end of the process; answer by answer or as a stream.
 */

let lab: FaultLab;
beforeAll(async () => {
  lab = await FaultLab.start();
});
afterAll(() => lab.close());

/** Listings that go page by page; those that are read as a whole for every answer stand in the engine's own tests. */
const PAGED = VENDORS.filter(({ name }) => name !== "analytics");
/** What nobody waits for to heal. */
const REFUSED = faultNamed("403");

interface Step {
  how: "answer" | "stream";
  limit: number;
  /** Characters that an answer's rows may fill. */
  budget: number;
  /** Another process goes on. */
  isNew: boolean;
  /** Which vendor call of the step fails, from 0. */
  fault: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  how: fc.constantFrom("answer", "stream"),
  limit: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 60, max: 400 })),
  budget: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 60_000 })),
  isNew: fc.boolean(),
  fault: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 2 })),
});

/** One account's listing, gone on with step by step. */
class Walk {
  readonly rows: Row[] = [];
  faults = 0;
  #cursor: string | null | undefined;
  #engine: Engine;
  #failing = Number.POSITIVE_INFINITY;
  #calls = 0;
  readonly #vendor: Vendor;
  readonly #way: Way;
  readonly #cached: boolean;

  constructor(vendor: Vendor, cached: boolean) {
    this.#vendor = vendor;
    this.#cached = cached;
    this.#way = lab.way(vendor, () => this.#disturb());
    this.#engine = this.#start();
  }

  get isOver(): boolean {
    return this.#cursor === null;
  }

  async take({ how, limit, budget, isNew, fault }: Step): Promise<void> {
    if (isNew) this.#engine = this.#start();
    this.#failing = this.#calls + fault;
    const query = { ...this.#vendor.query, limit, ...(this.#cursor ? { cursor: this.#cursor } : {}) };
    const call = { signal: new AbortController().signal };
    try {
      if (how === "answer") {
        const answer = await this.#engine.listUsage(query, call, { budget, withRemoteData: false });
        this.rows.push(...rowsOf(answer));
        this.#cursor = answer.next_cursor;
        expect(answer.warnings.join(" ")).not.toContain("changed");
      } else {
        const stream = this.#engine.streamUsage(query, call, { withRemoteData: false });
        let next = await stream.next();
        for (; !next.done; next = await stream.next()) this.rows.push(...next.value);
        this.#cursor = next.value.answer.next_cursor;
      }
    } catch (error) {
      // Nothing was given: the same cursor is used again.
      if (!(error instanceof UsageError) || error.details.status !== REFUSED.status) throw error;
    }
  }

  #start(): Engine {
    return lab.engine([{ vendor: this.#vendor, way: this.#way }], { cached: this.#cached });
  }

  #disturb(): Answer | undefined {
    if (this.#calls++ !== this.#failing) return undefined;
    this.faults++;
    return happening(REFUSED, this.#vendor);
  }
}

describe.each(PAGED)("$name", (vendor) => {
  it.each([
    ["without a cache", false],
    ["with one", true],
  ])("goes on to the rows of an uninterrupted listing, wherever it was interrupted, %s", async (_, cached) => {
    const { rows } = await lab.baseline(vendor);
    let faults = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const walk = new Walk(vendor, cached);
        for (const one of steps) if (!walk.isOver) await walk.take(one);
        const rest: Step = { how: "stream", limit: 1000, budget: 0, isNew: true, fault: Number.POSITIVE_INFINITY };
        while (!walk.isOver) await walk.take(rest);
        expect(walk.rows).toEqual(rows);
        faults += walk.faults;
      }),
      { numRuns: 8, seed: 20261123 },
    );
    expect(faults).toBeGreaterThan(0);
  });
});
