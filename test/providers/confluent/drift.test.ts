import { describe, expect, it } from "vitest";
import type { ListAnswer } from "../../../src/engine/list-answer.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import type { Query } from "../../../src/usage/query.ts";
import { describeDrift, type Kind } from "../drift.ts";
import {
  call,
  confluentAnswers,
  confluentEngine,
  costList,
  failure,
  guardTheEdge,
  json,
  list,
  payload,
  rowsOf,
} from "../edge.ts";

guardTheEdge();

/** Asks for a window whose first page is the given one, and whose others, should they be asked for, are empty. */
function asking(query: Query) {
  return (body: unknown): Promise<ListAnswer> => {
    confluentAnswers(({ searchParams }) => (searchParams.has("page_token") ? costList([]) : json(body)));
    return list(confluentEngine(), query);
  };
}

function stored(name: string): unknown {
  return JSON.parse(payload(`confluent/${name}.json`));
}

const free = (...names: string[]) => Object.fromEntries(names.map((name): [string, Kind] => [name, "free"]));
const TIERS = free(
  "data[].tier_dimensions.provider",
  "data[].tier_dimensions.region",
  "data[].tier_dimensions.connector_type",
);
const TIERS_THAT_TELL = Object.fromEntries(Object.keys(TIERS).map((name): [string, Kind] => [name, "text?"]));

const LINE: Record<string, Kind> = {
  // Null is an empty list, seen in the field; without it an error would pass for a month without costs.
  data: "rows",
  "data[]": "object!",
  "data[].start_date": "day!",
  "data[].end_date": "day!",
  "data[].product": "text?",
  "data[].line_type": "text?",
  "data[].unit": "text?",
  "data[].quantity": "number?",
  // Without amount it is what is left of the original amount after the discount: 149.85 - 20.85 = 129.
  "data[].original_amount": "number~",
  "data[].amount": "number?",
  "data[].discount_amount": "number?",
  "data[].resource": "object?",
  "data[].resource.id": "text?",
  "data[].resource.display_name": "free",
  "data[].granularity": "free",
};

describeDrift("a cost list", {
  body: stored("list-spec-example"),
  ask: asking({ start_date: "2022-10-12", end_date: "2022-10-16" }),
  fields: {
    ...LINE,
    "data[].id": "text?",
    // A line with an id of its own is not identified by these.
    ...free("data[].network_access_type", "data[].description", "data[].price", "data[].tier_dimensions"),
    ...TIERS,
    // A string in organizations from before May 2024, an object today.
    "data[].resource.environment": "textOrObject?",
    "data[].resource.environment.id": "text?",
    metadata: "object?",
    "metadata.next": "text?",
    ...free("api_version", "kind", "data[].api_version", "data[].kind"),
  },
});

// Ids are promised and yet missing in the field: then a line is identified by what it is about.
const [{ id: _, ...nameless }] = Object(stored("list-spec-example"))["data"];
describeDrift("a line without an id", {
  body: { data: [nameless] },
  keyed: "tier_dimensions",
  ask: asking({ start_date: "2022-10-12", end_date: "2022-10-16" }),
  fields: {
    ...LINE,
    "data[].network_access_type": "text?",
    "data[].description": "text?",
    "data[].tier_dimensions": "object?",
    ...TIERS_THAT_TELL,
    "data[].resource.environment": "textOrObject?",
    "data[].resource.environment.id": "text?",
    ...free("data[].price", "data[].api_version", "data[].kind"),
  },
});

describeDrift("a legacy organization's cost list", {
  body: stored("list-legacy"),
  ask: asking({ start_date: "2024-03-04", end_date: "2024-03-06" }),
  fields: {
    ...Object.fromEntries(Object.entries(LINE).filter(([name]) => name !== "data[].amount")),
    // What the line costs is original_amount less the discount, or else quantity times price.
    "data[].discount_amount": "number~",
    "data[].quantity": "number~",
    "data[].price": "free",
    "data[].network_access_type": "text?",
    "data[].environment": "object?",
    "data[].environment.id": "text?",
    "data[].resource.environment": "textOrObject?",
    metadata: "object?",
    ...free("api_version", "kind"),
  },
});

describeDrift("a line of the organization", {
  body: { data: [stored("line-support-org-level")] },
  ask: asking({ start_date: "2023-01-01", end_date: "2023-01-02" }),
  fields: {
    data: "rows",
    "data[]": "object!",
    "data[].start_date": "day!",
    "data[].end_date": "day!",
    "data[].line_type": "text?",
    "data[].product": "text?",
    "data[].amount": "number?",
    "data[].original_amount": "number~",
    "data[].granularity": "free",
  },
});

describe("a price, where nothing but quantity and price says what a line costs", () => {
  it.each(["abc", {}, true])("that is %j is an error", async (price) => {
    const line = { start_date: "2026-09-01", end_date: "2026-09-02", quantity: 2, price };
    expect(await failure(asking({ start_date: "2026-09-01" })({ data: [line] }))).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining("price"),
    });
  });
});

describe("a line that the next page holds once more", () => {
  const line = (id: string | undefined, amount: number) => ({
    ...(id ? { id } : {}),
    start_date: "2026-09-01",
    end_date: "2026-09-02",
    product: "KAFKA",
    amount,
  });

  /** Two pages, each of them the same whenever it is asked for. */
  async function over(first: readonly unknown[], second: readonly unknown[]) {
    const asked = confluentAnswers(({ searchParams }) =>
      searchParams.has("page_token") ? costList(second) : costList(first, "/billing/v1/costs?page_token=2"),
    );
    const query: Query = { start_date: "2026-09-01" };
    return { asked, listed: await list(confluentEngine(), query) };
  }

  it("is counted once, and said: what it pushed away may be missing", async () => {
    const { listed } = await over([line("a", 1), line("b", 2)], [line("b", 2), line("c", 3)]);
    expect(rowsOf(listed).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(listed).toMatchObject({
      is_partial_response: true,
      warnings: [expect.stringMatching(/sent 1 lines.*again/)],
    });
  });

  it("is another line where it has no id, or another amount", async () => {
    const { listed } = await over([line(undefined, 1), line("b", 2)], [line(undefined, 1), line("b", 3)]);
    expect(rowsOf(listed)).toHaveLength(4);
    expect(listed).toMatchObject({ is_partial_response: false, warnings: [] });
  });

  it("makes a sum be read again, and once it stands still it is whole", async () => {
    let moves = 1;
    const asked = confluentAnswers(({ searchParams }) => {
      if (!searchParams.has("page_token"))
        return costList([line("a", 1), line("b", 2)], "/billing/v1/costs?page_token=2");
      return moves-- > 0 ? costList([line("b", 2), line("c", 3)]) : costList([line("c", 3)]);
    });
    const summary = await getCostSummary.run(confluentEngine(), { period: "2026-09" }, call());
    expect(summary).toMatchObject({ totals: [{ net: 6, rows: 3 }], is_partial_response: false, warnings: [] });
    expect(asked).toHaveLength(4);
  });
});
