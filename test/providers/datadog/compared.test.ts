import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { call, costByOrg, datadogAnswers, engineOf, guardTheEdge, type Item, json } from "../edge.ts";

guardTheEdge();

/** Months held by historical_cost, each with its net. */
async function compare(args: Item, held: Record<string, number>): Promise<{ summary: Item; asked: string[] }> {
  const { historical } = datadogAnswers({
    historical: ({ searchParams }) => {
      const [from, to] = [searchParams.get("start_month") ?? "", searchParams.get("end_month") ?? ""];
      const months = Object.entries(held).filter(([month]) => month >= from && month <= to);
      return json({
        data: months.map(([month, cost]) =>
          costByOrg({ date: `${month}-01T00:00:00Z`, charges: [{ product_name: "rum", charge_type: "total", cost }] }),
        ),
      });
    },
  });
  const summary = await getCostSummary.run(engineOf(), args, call());
  const asked = historical.map((path) => {
    const { searchParams } = new URL(path, "https://api.datadoghq.com");
    return `${searchParams.get("start_month")}..${searchParams.get("end_month")}`;
  });
  return { summary, asked: asked.sort() };
}

describe("a comparison of Datadog's months", () => {
  it("asks for the month and the month before: 110.5 after 100.25 is 10.25 more, 10.2244 %", async () => {
    const args = { period: "2026-08", compare_to: "previous_period" };
    const { summary, asked } = await compare(args, { "2026-07": 100.25, "2026-08": 110.5 });
    expect(asked).toEqual(["2026-07..2026-07", "2026-08..2026-08"]);
    expect(summary["groups"]).toMatchObject([
      { net: 110.5, previous: { net: 100.25, gross: 100.25 }, change: { net: 10.25, percent: 10.2244 } },
    ]);
  });

  it("asks for the same quarter a year earlier", async () => {
    const args = { period: "2026-Q1", compare_to: "previous_year" };
    const { asked } = await compare(args, { "2025-02": 1, "2026-02": 2 });
    expect(asked).toEqual(["2025-01..2025-03", "2026-01..2026-03"]);
  });

  it("asks for February of the year before after a leap February", async () => {
    const args = { period: "2024-02", compare_to: "previous_year" };
    const { asked } = await compare(args, { "2023-02": 1, "2024-02": 2 });
    expect(asked).toEqual(["2023-02..2023-02", "2024-02..2024-02"]);
  });

  it("asks for no range that ends before it begins, not even for 29 February's twin a year earlier", async () => {
    const args = { start_date: "2024-02-29", end_date: "2024-03-01", compare_to: "previous_year" };
    const { asked } = await compare(args, { "2023-02": 1, "2024-02": 2 });
    expect(asked).toContain("2024-02..2024-02");
    expect(asked.filter((range) => range.slice(0, 7) > range.slice(9))).toEqual([]);
  });
});
