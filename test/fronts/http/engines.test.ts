import fc from "fast-check";
import { expect, it } from "vitest";
import { readConfig } from "../../../src/accounts/config.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { Engines } from "../../../src/fronts/http/engines.ts";
import { SILENT } from "../../../src/log.ts";
import { CursorCodec } from "../../../src/usage/cursor.ts";
import { confluentAt } from "./in-process.ts";

function engineOver(ids: readonly string[]): Engine {
  const accounts = readConfig({ accounts: ids.map((id) => confluentAt("http://127.0.0.1:9", id)) }, "test", {});
  const cursors = new CursorCodec(() => Buffer.alloc(32));
  return new Engine({ accounts, cursors, clock: () => 0, log: SILENT });
}

const idsOf = ({ accounts }: Engine) => accounts.map(({ id }) => id);

/** Few letters, so that ids are often each other's beginnings, the same but for case or accents, or alike when put together. */
const id = fc.string({
  unit: fc.constantFrom("a", "A", "é", "e\u0301", ",", '"', " ", "\n", "*", "%", "."),
  minLength: 1,
  maxLength: 3,
});
const setOfIds = fc.uniqueArray(
  id.filter((word) => word !== "*"),
  { maxLength: 6 },
);

it("every set of accounts sees those, letter by letter, whoever was there before", () => {
  fc.assert(
    fc.property(
      setOfIds.filter((ids) => ids.length > 0),
      fc.array(setOfIds, { minLength: 1, maxLength: 20 }),
      (ids, sets) => {
        const engines = new Engines(engineOver(ids));
        for (const allowed of sets) {
          const engine = engines.of(new Set(allowed));
          expect(idsOf(engine)).toEqual(ids.filter((one) => allowed.includes(one)));
          for (const foreign of ids.filter((one) => !allowed.includes(one)))
            expect(() => engine.account(foreign)).toThrow(/there is no account/);
        }
        expect(idsOf(engines.of(new Set(["*"])))).toEqual(ids);
      },
    ),
    { numRuns: 500 },
  );
});

it("two sets whose ids read the same when put together are two", () => {
  const engines = new Engines(engineOver(["a", "b,c", "a,b", "c", '"', '","']));
  for (const set of [["a", "b,c"], ["a,b", "c"], ['"', '"'], ['","']])
    expect(idsOf(engines.of(new Set(set)))).toEqual([...new Set(set)]);
});

it("the hundred sets used last are kept, and no more, however many claims there are", () => {
  const ids = Array.from({ length: 101 }, (_, number) => `account-${number}`);
  const engines = new Engines(engineOver(ids));
  const of = (one: string) => engines.of(new Set([one, "nobody's"]));
  const [first = "", second = "", ...others] = ids;
  const kept = [of(first), of(second)];
  for (const other of others.slice(0, -1)) of(other);
  expect(of(first)).toBe(kept[0]);
  of(others.at(-1) ?? "");
  expect(of(first)).toBe(kept[0]);
  expect(of(second)).not.toBe(kept[1]);
});
