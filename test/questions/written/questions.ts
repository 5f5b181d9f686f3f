import { expect } from "vitest";
import { CONFLUENT_ACCOUNT, DATADOG_ACCOUNT } from "../../providers/edge.ts";
import { OCTOBER, period, saying } from "../question.ts";
import {
  CLAUDE,
  CODEX,
  CURSOR,
  claudeIn,
  codexIn,
  confluentDown,
  confluentIn,
  cursorIn,
  datadogIn,
} from "./vendors.ts";

/** A question over vendors that are played for it. What must come back is added up by hand in the comments. */
interface WrittenQuestion {
  question: string;
  tool: string;
  arguments: Record<string, unknown>;
  accounts: readonly unknown[];
  vendors(): void;
  expected: Record<string, unknown>;
}

const COST = "get_cost_summary";

/**
 * Ada is at three vendors, her e-mail in another case at each; a service account goes by the same e-mail. Claude: 3.00 of
 * hers and 0.50 of nobody's. Codex: 2.00. Cursor: 1.25 of hers and 0.75 that the plan includes, 4.00 of the service account,
 * 0.10 of one who was erased.
 */
function adaEverywhere(): void {
  claudeIn(
    { "2026-10-05": [{ amount: "350", list_amount: "350" }] },
    { "Ada@Example.com": { amount: "300", list_amount: "300" } },
  );
  codexIn([{ day: "2026-10-05", email: "ADA@example.com", cost_usd: 2 }]);
  const userEmail = "ada@example.com";
  cursorIn([
    { at: "2026-10-05T10:00:00.000Z", userEmail, kind: "Usage-based", chargedCents: 125 },
    { at: "2026-10-05T11:00:00.000Z", userEmail, kind: "Included in Business", isChargeable: false, chargedCents: 75 },
    { at: "2026-10-05T12:00:00.000Z", userEmail, serviceAccountId: "sa_nightly", chargedCents: 400 },
    { at: "2026-10-05T13:00:00.000Z", chargedCents: 10 },
  ]);
}

/** Datadog: 100.25 + 0.05 in October, 80.24 in September. Confluent: 500.00 in September, and nothing to be had of October. */
function confluentIsDown(): void {
  datadogIn({ "2026-10": { infra_host: 100.25, logs_indexed_15day: 0.05 }, "2026-09": { infra_host: 80.24 } });
  const september = [{ product: "KAFKA", line_type: "KAFKA_BASE", amount: 500, original_amount: 500 }];
  confluentIn({ "2026-10": "down", "2026-09": september });
}

export const WRITTEN: readonly WrittenQuestion[] = [
  {
    question: "What does Claude cost us, now that part of it is billed in euros?",
    tool: COST,
    arguments: { period: "2026-10", group_by: ["provider"] },
    accounts: [CLAUDE],
    vendors: () =>
      claudeIn({
        "2026-10-03": [
          { amount: "1250", list_amount: "1250" },
          { amount: "4010", list_amount: "5000", currency: "EUR" },
        ],
        "2026-10-04": [{ amount: "0.5", list_amount: "0.5" }],
      }),
    // USD 12.50 + 0.005; EUR 50.00 less a discount of 9.90. The two are never added.
    expected: {
      totals: expect.arrayContaining([
        expect.objectContaining({ currency: "USD", net: 12.505, gross: 12.505 }),
        expect.objectContaining({ currency: "EUR", net: 40.1, gross: 50, discount: 9.9 }),
      ]),
      groups: [
        { key: { provider: "claude" }, currency: "EUR", net: 40.1, gross: 50, share: 1 },
        { key: { provider: "claude" }, currency: "USD", net: 12.505, gross: 12.505, share: 1 },
      ],
    },
  },
  {
    question: "What did October cost, while Confluent's API is down?",
    tool: COST,
    arguments: { period: "2026-10" },
    accounts: [CONFLUENT_ACCOUNT, DATADOG_ACCOUNT],
    vendors: confluentIsDown,
    expected: {
      totals: [{ currency: "USD", net: 100.3, gross: 100.3 }],
      groups: [{ key: { provider: "datadog" }, net: 100.3, share: 1 }],
      accounts: [
        { integrated_account_id: "confluent", status: "error", error: expect.stringMatching(/503|unavailable/i) },
        { integrated_account_id: "datadog", status: "ok", net: 100.3 },
      ],
      is_partial_response: true,
      warnings: saying(/^The totals leave out confluent, which could not be read/),
    },
  },
  {
    question: "Did Confluent vanish from the bill compared with September, or is it only down now?",
    tool: COST,
    arguments: { period: "2026-10", compare_to: "previous_period" },
    accounts: [CONFLUENT_ACCOUNT, DATADOG_ACCOUNT],
    vendors: confluentIsDown,
    // Datadog 100.30 - 80.24, which is a quarter more. What can't be read is on neither side.
    expected: {
      totals: [
        { currency: "USD", net: 100.3, previous: { net: 80.24, gross: 80.24 }, change: { net: 20.06, percent: 25 } },
      ],
      groups: [{ key: { provider: "datadog" }, net: 100.3, change: { net: 20.06, percent: 25 } }],
      accounts: [{ status: "error" }, { status: "ok" }],
      is_partial_response: true,
    },
  },
  {
    question: "What did Confluent alone cost, while its API is down?",
    tool: COST,
    arguments: { period: "2026-10" },
    accounts: [CONFLUENT_ACCOUNT],
    vendors: confluentDown,
    expected: {
      totals: [],
      groups: [],
      accounts: [{ status: "error" }],
      is_partial_response: true,
      hint: expect.stringMatching(/^No account could be read/),
    },
  },
  {
    question: "What does Ada cost us in all, whatever way each vendor spells her e-mail?",
    tool: COST,
    arguments: { period: "2026-10", group_by: ["user"] },
    accounts: [CLAUDE, CODEX, CURSOR],
    vendors: adaEverywhere,
    // Ada 3 + 2 + 1.25, and 0.75 more that is included; nobody 0.50 + 0.10; all 10.85, and 11.60.
    expected: {
      accounts: [{ status: "ok" }, { status: "ok" }, { status: "ok" }],
      totals: [{ currency: "USD", net: 10.85, gross: 11.6, included: 0.75 }],
      groups: [
        { key: { user: "ada@example.com" }, net: 6.25, gross: 7 },
        { key: { user: "sa_nightly" }, net: 4, gross: 4 },
        { key: { user: "unattributed" }, net: 0.6, gross: 0.6 },
      ],
      people: {
        people: 1,
        service_accounts: 1,
        rows_without_person: 2,
        without_person: [{ currency: "USD", net: 0.6 }],
      },
    },
  },
  {
    question: "How many different people use Codex and Cursor, if one writes an e-mail in capitals?",
    tool: "get_usage_summary",
    arguments: { period: "2026-10", metrics: ["users"], ratios: ["cost_per_user"], group_by: ["account"] },
    accounts: [CODEX, CURSOR],
    vendors: adaEverywhere,
    // One in each, and the same in both. Codex 2.00, Cursor 1.25 + 4.00 + 0.10: by one person 7.35.
    expected: {
      totals: {
        values: { users: 1 },
        ratios: { cost_per_user: { value: 7.35, numerator: 7.35, denominator: 1, currency: "USD" } },
      },
      groups: [
        { key: { account: "codex" }, values: { users: 1 } },
        { key: { account: "cursor" }, values: { users: 1 } },
      ],
    },
  },
  {
    question: "Which month does a Cursor request of the last millisecond of October belong to?",
    tool: COST,
    arguments: { start_date: "2026-10-01", end_date: "2026-12-01", group_by: ["month"] },
    accounts: [CURSOR],
    // Cursor takes both ends of a range as in it, and a month takes several requests: an instant where two of them meet
    // counts once. Cents are powers of two, so that a sum tells which events are in it.
    vendors: () =>
      cursorIn([
        { at: "2026-09-30T23:59:59.999Z", chargedCents: 6400 },
        { at: "2026-10-01T00:00:00.000Z", chargedCents: 1 },
        { at: "2026-10-15T23:59:59.999Z", chargedCents: 2 },
        { at: "2026-10-16T00:00:00.000Z", chargedCents: 4 },
        { at: "2026-10-30T23:59:59.999Z", chargedCents: 8 },
        { at: "2026-10-31T00:00:00.000Z", chargedCents: 16 },
        { at: "2026-10-31T23:59:59.999Z", chargedCents: 32 },
        { at: "2026-11-01T00:00:00.000Z", chargedCents: 64 },
        { at: "2026-12-01T00:00:00.000Z", chargedCents: 3200 },
      ]),
    expected: {
      totals: [{ currency: "USD", net: 1.27, rows: 7 }],
      groups: [
        { key: { month: "2026-10" }, net: 0.63, rows: 6 },
        { key: { month: "2026-11" }, net: 0.64, rows: 1 },
      ],
    },
  },
  {
    question: "Is a promotional credit larger than the day's use shown as money back?",
    tool: COST,
    arguments: { period: "2026-10", group_by: ["day"] },
    accounts: [CONFLUENT_ACCOUNT],
    // Kafka 10.00 less 10 %; the credit -30.00: net -21.00 of a gross of 10.00, all of it on the 31st.
    vendors: () =>
      confluentIn({
        "2026-10": [
          { product: "KAFKA", line_type: "KAFKA_BASE", amount: 9, original_amount: 10, discount_amount: 1 },
          { product: "KAFKA", line_type: "PROMO_CREDIT", amount: -30, original_amount: -30, quantity: undefined },
        ],
      }),
    expected: {
      period: period(OCTOBER),
      totals: [{ currency: "USD", net: -21, gross: 10, discount: 1, credit: -30 }],
      groups: Array.from({ length: 31 }, (_, index) => ({
        key: { day: `2026-10-${String(index + 1).padStart(2, "0")}` },
        ...(index === 30 ? { net: -21, gross: 10, rows: 2 } : { net: 0, gross: 0, rows: 0 }),
      })),
    },
  },
];
