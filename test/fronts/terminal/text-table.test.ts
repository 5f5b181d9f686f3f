import { describe, expect, it } from "vitest";
import { fittingColumns, textTable } from "../../../src/fronts/terminal/text-table.ts";

const columns = [
  { heading: "product", cells: ["Kafka", "Custom Connectors of the harbour"] },
  { heading: "net", cells: ["1,234.50", "0.0000012"], numeric: true },
  { heading: "lines", cells: ["10", ""], numeric: true, optional: true },
];

describe("a table", () => {
  it("stands in columns, decimal points in line, without trailing spaces", () => {
    expect(textTable(columns)).toBe(
      [
        "product                                     net  lines",
        "────────────────────────────────  ─────────────  ─────",
        "Kafka                             1,234.50          10",
        "Custom Connectors of the harbour      0.0000012",
        "",
      ].join("\n"),
    );
  });

  it("wraps text to the width it is given, numbers never", () => {
    const lines = textTable(columns, 40).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.join("\n")).toContain("0.0000012");
    expect(lines.join(" ")).toMatch(/Custom\s.*Connectors/);
  });

  it("leaves optional columns out where even that is too wide, and names them", () => {
    const { columns: kept, left } = fittingColumns(columns, 26);
    expect(kept.map(({ heading }) => heading)).toEqual(["product", "net"]);
    expect(left).toEqual(["lines"]);
    expect(fittingColumns(columns, undefined).left).toEqual([]);
  });

  it("carries no escape sequence of a vendor's", () => {
    const text = textTable([{ heading: "name", cells: ["\u001b[31mred", "a\nb"] }]);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("\uFFFD[31mred");
    expect(text).toContain("a b");
  });
});
