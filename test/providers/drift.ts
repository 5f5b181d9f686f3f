import { describe, expect, it } from "vitest";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import { failure, type Item, rowsOf } from "./edge.ts";

/**
 * What an adapter makes of a field of its vendor's JSON, and what it must do when the field is gone or of another type.
 * `!`: without it, an error that names it. `?`: it may be left out by the vendor's contract, and then no row, net or gross changes.
 * `~`: it may be left out, and another field takes its place. `free`: nothing depends on it. `key`: a list under a name that is
 * data itself, which need not be there. `rows`: a list that must be there, and that null leaves empty. `nullable`: text that
 * must be there, and may be null.
 */
export type Kind = "free" | "key" | "rows" | "nullable" | `${keyof typeof WRONG}${"!" | "?" | "~"}`;

/** What each type is not. A number may come as its digits, an id as a number. */
const WRONG = {
  number: ["abc", {}, [], true, "NaN"],
  text: [{}, [], true],
  flag: ["abc", {}, [], "NaN"],
  day: ["abc", {}, [], true],
  object: ["abc", [], true],
  list: ["abc", {}, true],
  textOrObject: [[], true],
} as const;
const ANYTHING = [...WRONG.number, null, 5, false] as const;

const ABSENT = Symbol("absent");

/** The vendor's answer, with every field of it in `fields` by its path (`data[].cost`), and a question that reads it. */
export interface Contract {
  body: unknown;
  fields: Readonly<Record<string, Kind>>;
  /** An object whose names are data, not fields. */
  keyed?: string;
  ask(body: unknown): Promise<ListAnswer>;
}

export function describeDrift(name: string, { body, fields, keyed, ask }: Contract): void {
  describe(`${name}, where the vendor's JSON is another one`, () => {
    const places = placesOf(body);

    it("has every field of the contract in the table", () => {
      expect([...places.keys()].sort()).toEqual(Object.keys(fields).sort());
    });

    it("lets fields pass that nobody knows", async () => {
      expect(numbersOf(await ask(withStrangers(body, keyed)))).toEqual(numbersOf(await ask(body)));
    });

    it.each(Object.entries(fields))("%s: %s", async (field, kind) => {
      const at = places.get(field) ?? [];
      const given = numbersOf(await ask(body));
      const named = field.replace(/\[\]$/, "").split(".").at(-1) ?? field;
      const refused = async (change: unknown) => {
        const what = `${field}: ${change === ABSENT ? "absent" : JSON.stringify(change)}`;
        const error = await failure(ask(changed(body, at, change)));
        expect(error, what).toMatchObject({ name: "UsageError", kind: "vendor_data" });
        expect(String(error), what).toContain(named);
      };
      if (kind === "free") {
        for (const change of [ABSENT, ...ANYTHING])
          expect(numbersOf(await ask(changed(body, at, change))), JSON.stringify(change)).toEqual(given);
        return;
      }
      if (kind === "key" || kind === "rows") {
        for (const change of [...WRONG.list, kind === "key" ? null : ABSENT]) await refused(change);
        if (kind === "rows") expect(await ask(changed(body, at, null))).toMatchObject({ result: [] });
        return;
      }
      if (kind === "nullable") {
        for (const change of [...WRONG.text, ABSENT]) await refused(change);
        expect(await ask(changed(body, at, null))).toMatchObject({ result_count: given.length });
        return;
      }
      for (const change of wrongsOf(kind)) await refused(change);
      for (const change of typeof at.at(-1) === "number" ? [null] : [ABSENT, null]) {
        if (kind.endsWith("!")) await refused(change);
        else {
          const found = numbersOf(await ask(changed(body, at, change)));
          expect(found).toHaveLength(given.length);
          if (kind.endsWith("?")) expect(found.map(money)).toEqual(given.map(money));
        }
      }
    });
  });
}

function wrongsOf(kind: Exclude<Kind, "free" | "key" | "rows" | "nullable">): readonly unknown[] {
  const [, type] = /^(\w+)/.exec(kind) ?? [];
  return Object.entries(WRONG).find(([name]) => name === type)?.[1] ?? [];
}

type Path = readonly (string | number)[];

/** Every field of a JSON value under its path, and where it stands first. */
export function placesOf(value: unknown, at: Path = [], name = "", found = new Map<string, Path>()): Map<string, Path> {
  if (at.length > 0 && !found.has(name)) found.set(name, at);
  if (typeof value !== "object" || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    if (Array.isArray(value)) placesOf(member, [...at, Number(key)], `${name}[]`, found);
    else placesOf(member, [...at, key], name === "" ? key : `${name}.${key}`, found);
  }
  return found;
}

function changed(value: unknown, [key, ...rest]: Path, change: unknown): unknown {
  if (key === undefined) return change;
  if (Array.isArray(value))
    return value.map((member, index) => (index === key ? changed(member, rest, change) : member));
  const entries = Object.entries(Object(value)).map(([name, member]): [string, unknown] => [
    name,
    name === key ? changed(member, rest, change) : member,
  ]);
  return Object.fromEntries(entries.filter(([, member]) => member !== ABSENT));
}

function withStrangers(value: unknown, keyed?: string, own?: string): unknown {
  if (Array.isArray(value)) return value.map((member) => withStrangers(member, keyed));
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).map(([name, member]) => [name, withStrangers(member, keyed, name)]);
  if (own !== undefined && own === keyed) return Object.fromEntries(known);
  return { ...Object.fromEntries(known), brand_new: { deep: [1, "x", null] }, brandNewAmount: 1000 };
}

/** What rows are identified by, and count. */
function numbersOf(answer: ListAnswer): Item[] {
  return rowsOf(answer).map(
    ({ id, start_date, end_date, charges, usage, unit, user, model, product, organization }) => {
      const { activity: _, ...counted } = Object(usage);
      const { file_extensions: _extensions, tool_actions: _actions, ...code } = Object(counted["code"]);
      const ids = [user, model, product, organization].map((of) => Object(of)["id"] ?? Object(of)["email"]);
      return { id, start_date, end_date, charges, counted: { ...counted, code }, unit, ids };
    },
  );
}

/** Net and gross: other charges are parts of them. */
function money({ charges }: Item): unknown {
  const all: Item[] = Array.isArray(charges) ? charges : [];
  return all.filter(({ type }) => type === "net" || type === "total");
}
