import { describe, expect, it } from "vitest";
import { paidBy } from "../../../src/providers/cursor/sources/event-charges.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { call, failure, guardTheEdge, type Item, list, payload, reply, rowsOf } from "../edge.ts";
import { cursorAnswers, cursorEngine, EVENTS, event, eventsPage, SPEND, usd } from "./api.ts";

guardTheEdge();

const DAY = { start_date: "2026-11-20", end_date: "2026-11-20" } as const;

async function answerTo(...events: Item[]) {
  cursorAnswers({ [EVENTS]: eventsPage(...events) });
  return list(cursorEngine(), DAY);
}

async function rowOf(fields: Item): Promise<Item> {
  const [row] = rowsOf(await answerTo(event(fields)));
  if (!row) throw new Error("there is a row");
  return row;
}

describe("how a request is paid for, by its kind", () => {
  it.each([
    ["Usage-based", "usage_based"],
    ["On-Demand", "usage_based"],
    ["USAGE_EVENT_KIND_USAGE_BASED", "usage_based"],
    ["Included in Business", "included"],
    ["Included in Pro", "included"],
    ["Included", "included"],
    ["USAGE_EVENT_KIND_INCLUDED_IN_PRO_PLUS", "included"],
    ["Free", "included"],
    ["USAGE_EVENT_KIND_FREE_CREDIT", "included"],
    ["User API Key", "api_key"],
    ["Errored, Not Charged", "not_charged"],
    ["Errored, No Charge", "not_charged"],
    ["Aborted, Not Charged", "not_charged"],
    ["USAGE_EVENT_KIND_ERRORED_NOT_CHARGED", "not_charged"],
    ["USAGE_EVENT_KIND_CUSTOM_SUBSCRIPTION", "unknown"],
    ["", "unknown"],
    [null, "unknown"],
  ])("%s: %s", (kind, by) => {
    expect(paidBy(kind)).toBe(by);
  });
});

describe("the charges and requests of an event of 8 cents", () => {
  const onDemand = [usd("net", 0.08), usd("total", 0.08), usd("usage_based", 0.08)];
  it.each<[string, Item, unknown, unknown]>([
    ["usage-based", { kind: "Usage-based" }, onDemand, { total: 1, usage_based: 1 }],
    ["usage-based, isChargeable not sent", { isChargeable: undefined }, onDemand, { total: 1, usage_based: 1 }],
    [
      "included: its value, and nothing on the invoice",
      { kind: "Included in Business", isChargeable: false },
      [usd("net", 0), usd("total", 0.08), usd("included", 0.08)],
      { total: 1, included: 1 },
    ],
    [
      "included, isChargeable not sent",
      { kind: "Included in Business", isChargeable: undefined },
      [usd("net", 0), usd("total", 0.08), usd("included", 0.08)],
      { total: 1, included: 1 },
    ],
    [
      "by the user's own key: what Cursor charges",
      { kind: "User API Key" },
      [usd("net", 0.08), usd("total", 0.08)],
      { total: 1, api_key: 1 },
    ],
    [
      "errored: its value stays, no invoice, no request",
      { kind: "Errored, Not Charged", isChargeable: false },
      [usd("net", 0), usd("total", 0.08)],
      { total: 0 },
    ],
    [
      "errored without any amount",
      { kind: "Errored, Not Charged", isChargeable: false, chargedCents: undefined },
      [usd("net", 0)],
      { total: 0 },
    ],
    ["of an unknown kind: counted, not hidden", { kind: "Team Pool", isChargeable: undefined }, onDemand, { total: 1 }],
    [
      "of an unknown kind that is not chargeable",
      { kind: "Team Pool", isChargeable: false },
      [usd("net", 0), usd("total", 0.08)],
      { total: 1 },
    ],
    [
      "usage-based, yet not chargeable: isChargeable decides",
      { isChargeable: false },
      [usd("net", 0), usd("total", 0.08)],
      { total: 1, usage_based: 1 },
    ],
    [
      "included, yet chargeable: isChargeable decides",
      { kind: "Included in Business" },
      onDemand,
      { total: 1, included: 1 },
    ],
    [
      "not charged, yet chargeable: taken at its word",
      { kind: "Errored, Not Charged" },
      [usd("net", 0), usd("total", 0.08)],
      { total: 0 },
    ],
    [
      "a discount of 100 % on 5 cents, the fee left",
      {
        chargedCents: 1.18,
        cursorTokenFee: 1.18,
        tokenUsage: { inputTokens: 1, totalCents: 5, discountPercentOff: 100 },
      },
      [
        usd("net", 0.0118),
        usd("total", 0.0118),
        usd("usage_based", 0.0118),
        usd("platform_fee", 0.0118),
        usd("discount", 0.05),
      ],
      { total: 1, usage_based: 1 },
    ],
    [
      "no discount where it is zero",
      { chargedCents: 5, tokenUsage: { inputTokens: 1, totalCents: 5, discountPercentOff: 0 } },
      [usd("net", 0.05), usd("total", 0.05), usd("usage_based", 0.05)],
      { total: 1, usage_based: 1 },
    ],
    [
      "cents as text",
      { chargedCents: "21.36232" },
      [usd("net", 0.2136232), usd("total", 0.2136232), usd("usage_based", 0.2136232)],
      { total: 1, usage_based: 1 },
    ],
  ])("%s", async (_, fields, charges, requests) => {
    const row = await rowOf({ chargedCents: 8, ...fields });
    expect(row["charges"]).toEqual(charges);
    expect(row["usage"]).toMatchObject({ requests });
  });
});

describe("what is doubtful is said", () => {
  it("nothing, of kinds that are known and agree", async () => {
    const answer = await answerTo(event(), event({ kind: "Included in Pro", isChargeable: false }));
    expect(answer.warnings).toEqual([]);
  });

  it("a kind and an isChargeable that contradict each other", async () => {
    const { warnings } = await answerTo(event({ isChargeable: false }));
    expect(warnings).toEqual([expect.stringMatching(/kind and isChargeable contradict.*Usage-based/)]);
  });

  it("a kind that is not known", async () => {
    const { warnings } = await answerTo(event({ kind: "Team Pool" }));
    expect(warnings).toEqual([expect.stringMatching(/kind Team Pool are not known/)]);
  });
});

describe("sums", () => {
  // 0.1 + 0.2 + 0.7 on demand, 3.3 included, 9 errored and not charged; in cents, over two days.
  const EVENTS_OF_TWO_DAYS = [
    event({ timestamp: String(Date.UTC(2026, 10, 21, 23, 59)), chargedCents: 0.1 }),
    event({
      timestamp: String(Date.UTC(2026, 10, 21)),
      chargedCents: 3.3,
      kind: "Included in Pro",
      isChargeable: false,
    }),
    event({ timestamp: String(Date.UTC(2026, 10, 20, 23, 59)), chargedCents: 0.2, model: "gpt-5" }),
    event({
      timestamp: String(Date.UTC(2026, 10, 20)),
      chargedCents: 9,
      kind: "Errored, Not Charged",
      isChargeable: false,
    }),
    event({ timestamp: String(Date.UTC(2026, 10, 20)), chargedCents: 0.7, userEmail: null }),
  ];

  it("cost is a row a UTC day, with charges by class", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(...EVENTS_OF_TWO_DAYS) });
    const query = { report_type: "cost", start_date: "2026-11-20", end_date: "2026-11-21" } as const;
    expect(rowsOf(await list(cursorEngine(), query))).toEqual([
      {
        id: expect.any(String),
        start_date: "2026-11-20T00:00:00Z",
        end_date: "2026-11-21T00:00:00Z",
        metric_name: "usage_event",
        charges: [usd("net", 0.009), usd("total", 0.099), usd("usage_based", 0.009)],
      },
      {
        id: expect.any(String),
        start_date: "2026-11-21T00:00:00Z",
        end_date: "2026-11-22T00:00:00Z",
        metric_name: "usage_event",
        charges: [usd("net", 0.001), usd("total", 0.034), usd("usage_based", 0.001), usd("included", 0.033)],
      },
    ]);
  });

  it.each([[[]], [["user"]], [["model"]], [["surface", "user"]], [["charge_type"]], [["day", "product"]]])(
    "a summary by %j comes to the same: net 0.010, gross 0.133 dollars",
    async (group_by) => {
      cursorAnswers({ [EVENTS]: eventsPage(...EVENTS_OF_TWO_DAYS) });
      const asked = { start_date: "2026-11-20", end_date: "2026-11-22", ...(group_by.length > 0 ? { group_by } : {}) };
      const answer = await getCostSummary.run(cursorEngine(), asked, call());
      expect(answer).toMatchObject({
        totals: [{ currency: "USD", net: 0.01, gross: 0.133 }],
        accounts: [{ status: "ok" }],
      });
    },
  );

  it("what nobody can be named for stands as unattributed", async () => {
    cursorAnswers({ [EVENTS]: eventsPage(...EVENTS_OF_TWO_DAYS) });
    const asked = { start_date: "2026-11-20", end_date: "2026-11-22", group_by: ["user"] };
    const answer = await getCostSummary.run(cursorEngine(), asked, call());
    expect(answer).toMatchObject({
      groups: expect.arrayContaining([expect.objectContaining({ key: { user: "unattributed" }, net: 0.007 })]),
    });
  });
});

describe("spend of a member", () => {
  async function chargesOf(fields: Item) {
    cursorAnswers({
      [SPEND]: () =>
        reply(
          JSON.stringify({
            teamMemberSpend: [{ userId: "user_1", name: "A", email: "a@x.io", ...fields }],
            subscriptionCycleStart: Date.UTC(2026, 10, 3),
            totalPages: 1,
          }),
        ),
    });
    const [row] = rowsOf(await list(cursorEngine(), { report_type: "user_cost" }));
    return row?.["charges"];
  }

  it.each<[string, Item, unknown]>([
    [
      "overall: on demand and included",
      { spendCents: 4212.5, overallSpendCents: 12212.5 },
      [usd("net", 42.125), usd("total", 122.125), usd("usage_based", 42.125), usd("included", 80)],
    ],
    [
      "no overall, but what is included: 4212.5 + 8000",
      { spendCents: 4212.5, includedSpendCents: 8000 },
      [usd("net", 42.125), usd("total", 122.125), usd("usage_based", 42.125), usd("included", 80)],
    ],
    [
      "overall below what is on demand says nothing of what is included",
      { spendCents: 100, overallSpendCents: 90 },
      [usd("net", 1), usd("total", 0.9), usd("usage_based", 1)],
    ],
    ["on demand alone", { spendCents: 100 }, [usd("net", 1), usd("total", 1), usd("usage_based", 1)]],
    [
      "limits in dollars beside it are no spend",
      { spendCents: 0, overallSpendCents: 0, monthlyLimitDollars: 200, hardLimitOverrideDollars: 100 },
      [usd("net", 0), usd("total", 0), usd("usage_based", 0), usd("included", 0)],
    ],
  ])("%s", async (_, fields, charges) => {
    expect(await chargesOf(fields)).toEqual(charges);
  });

  it("without spendCents it is an error that names it", async () => {
    expect(await failure(chargesOf({ overallSpendCents: 5 }))).toMatchObject({
      kind: "vendor_data",
      message: expect.stringContaining("teamMemberSpend[].spendCents"),
    });
  });
});

describe("the documented events", () => {
  it("come to 21.36232 + 37.33 cents invoiced, and 8 more of value", async () => {
    cursorAnswers({
      [EVENTS]: () =>
        reply(payload("cursor/filtered-usage-events.json").replace('"hasNextPage": true', '"hasNextPage": false')),
    });
    const asked = { start_date: "2025-06-26", end_date: "2025-06-27" };
    expect(await getCostSummary.run(cursorEngine(), asked, call())).toMatchObject({
      totals: [
        {
          currency: "USD",
          net: 0.5869232,
          gross: 0.6669232,
          platform_fee: 0.0236,
          included: 0.08,
          usage_based: 0.5869232,
        },
      ],
    });
  });
});
