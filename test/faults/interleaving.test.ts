import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { FaultLab, type Row, rowsOf } from "./cells.ts";
import { FAULTS, type Fault, happening } from "./faults.ts";
import { VENDORS } from "./vendors.ts";

/**
 * Whatever goes wrong with whichever of the calls that follow one another, and however many rows an answer may have: the rows are
 * those of a day on which nothing goes wrong.
 */

let lab: FaultLab;
beforeAll(async () => {
  lab = await FaultLab.start();
});
afterAll(() => lab.close());

const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constantFrom<Fault[]>(...FAULTS) },
);
const call = { signal: new AbortController().signal };

describe.each(VENDORS)("$name", (vendor) => {
  it("gives the same rows under any sequence of faults, in answers of any size", async () => {
    const { rows } = await lab.baseline(vendor);
    let happened = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { minLength: 4, maxLength: 24 }),
        fc.array(fc.integer({ min: 10, max: 600 }), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (faults, limits, cached) => {
          const left = [...faults];
          const way = lab.way(vendor, () => {
            const next = left.shift();
            if (!next || next.happensAt?.(vendor) === false) return undefined;
            happened++;
            return happening(next, vendor);
          });
          const engine = lab.engine([{ vendor, way }], { cached });
          const given: Row[] = [];
          let cursor: string | null = "";
          for (let turn = 0; cursor !== null; turn++) {
            const limit = limits[turn % limits.length] ?? 100;
            const query = { ...vendor.query, limit, ...(cursor ? { cursor } : {}) };
            try {
              const answer = await engine.listUsage(query, call, {
                budget: Number.POSITIVE_INFINITY,
                withRemoteData: false,
              });
              expect(answer.is_partial_response).toBe(false);
              given.push(...rowsOf(answer));
              cursor = answer.next_cursor;
            } catch (error) {
              // Nothing was given; the same is asked again, from the start where the vendor's paging expired.
              if (!(error instanceof UsageError)) throw error;
              if (!/^cursor: it has expired/.test(error.message)) continue;
              given.length = 0;
              cursor = "";
            }
          }
          expect(given).toEqual(rows);
        },
      ),
      { numRuns: 8, seed: 20261123 },
    );
    expect(happened).toBeGreaterThan(2);
  });
});
