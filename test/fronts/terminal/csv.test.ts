import { describe, expect, it } from "vitest";
import { FIELD_PATHS } from "../../../src/engine/fields.ts";
import { csvText } from "../../../src/fronts/terminal/csv.ts";
import { flatItems, flatRow, ROW_COLUMNS } from "../../../src/fronts/terminal/flat-row.ts";

/** The filled cells of a row, by column. */
function cells(row: Record<string, unknown>): Record<string, unknown> {
  const values = flatRow(row);
  return Object.fromEntries(
    ROW_COLUMNS.flatMap((column, index) => (values[index] === undefined ? [] : [[column, values[index]]])),
  );
}

describe("a row as CSV", () => {
  it("has one column for every leaf of the unified row, once", () => {
    const leaves = FIELD_PATHS.filter((path) => !FIELD_PATHS.some((other) => other.startsWith(`${path}.`)))
      .filter((path) => path !== "remote_data" && !path.startsWith("charges"))
      .map((path) => path.replaceAll("[]", ""));
    expect(ROW_COLUMNS).toEqual(expect.arrayContaining(leaves));
    expect(new Set(ROW_COLUMNS).size).toBe(ROW_COLUMNS.length);
    expect(ROW_COLUMNS.filter((column) => column.startsWith("remote_data"))).toEqual([]);
  });

  it("gives each charge type its column", () => {
    expect(
      cells({
        id: "a",
        charges: [
          { type: "net", amount: 9.5, currency: "USD" },
          { type: "total", amount: 10, currency: "USD" },
        ],
        resources: [{ id: "lkc-1", workspace: { id: "env-1" } }],
        usage: { quantity: 3, code: { tool_actions: { edit: { accepted: 1 } } } },
      }),
    ).toEqual({
      id: "a",
      "charges.net": 9.5,
      "charges.total": 10,
      "charges.currency": "USD",
      "resources.id": "lkc-1",
      "resources.workspace.id": "env-1",
      "usage.quantity": 3,
      "usage.code.tool_actions": '{"edit":{"accepted":1}}',
    });
  });

  it("says charges as a list where columns can't: two currencies, a type twice, a type we don't know", () => {
    for (const charges of [
      [
        { type: "net", amount: 1, currency: "USD" },
        { type: "total", amount: 1, currency: "EUR" },
      ],
      [
        { type: "discount", amount: 1, currency: "USD" },
        { type: "discount", amount: 2, currency: "USD" },
      ],
      [{ type: "surcharge", amount: 1, currency: "USD" }],
    ]) {
      expect(cells({ id: "a", charges })).toEqual({ id: "a", charges: JSON.stringify(charges) });
    }
  });

  it("loses no resource: the first has columns, several stand in a list besides", () => {
    const resources = [{ id: "one" }, { id: "two", name: "second" }];
    expect(cells({ id: "a", resources })).toEqual({
      id: "a",
      "resources.id": "one",
      resources: JSON.stringify(resources),
    });
  });

  it("flattens a vendor's own items by the paths they have", () => {
    expect(
      flatItems([
        { a: { b: 1 }, c: [1, 2] },
        { d: null, a: { e: "x" } },
      ]),
    ).toEqual({
      columns: ["a.b", "c", "d", "a.e"],
      rows: [
        [1, "[1,2]", undefined, undefined],
        [undefined, undefined, undefined, "x"],
      ],
    });
  });
});

describe("CSV text", () => {
  it("disarms formulas in text, never in numbers", () => {
    expect(csvText([["=1+1", "+x", "-x", "@x", "\tx", -1.5, 1e-7, true, undefined]])).toBe(
      "'=1+1,'+x,'-x,'@x,'\tx,-1.5,0.0000001,true,\n",
    );
  });

  it("quotes what would break a line", () => {
    expect(csvText([['say "hi"', "a,b", "two\nlines"]])).toBe('"say ""hi""","a,b","two\nlines"\n');
  });
});
