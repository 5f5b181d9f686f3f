import type { Query } from "../../src/usage/query.ts";
import { HOST as CLAUDE, ENTERPRISE, PATHS } from "../providers/claude/claude.ts";
import { cursorAnswers, EVENTS } from "../providers/cursor/api.ts";
import { CONFLUENT_ACCOUNT, confluentAnswers, DATADOG_ACCOUNT, datadogAnswers, serve } from "../providers/edge.ts";
import { API, COSTS_PATH, ORGANIZATION, serveHost } from "../providers/openai-codex/openai.ts";
import { exactUnits } from "../usage/exact-sum.ts";
import { less, raw, sumOf, written } from "./digits.ts";

/** One fact of cost, whoever sends it: what it is of in two of the vendor's own dimensions, when, and how much. */
export interface Fact {
  /** `YYYY-MM-DD`, from September to November 2026. */
  day: string;
  one: string;
  other: string;
  /** Numerals in the vendor's unit. */
  net: string;
  gross: string;
  /** Which of the ways its vendor has of sending it. */
  form: number;
}

export interface Money {
  net: bigint;
  gross: bigint;
}

/** A vendor over facts: how it sends them, and, from its contract alone, what they come to. */
export interface FactVendor {
  account: { id: string };
  ones: readonly string[];
  others: readonly string[];
  /** What tells facts apart, by the dimension of ours. */
  dimensions: Readonly<Record<string, (fact: Fact) => string>>;
  /** The calendar that its buckets are fine enough for. */
  times: readonly ("day" | "month")[];
  /** What list_usage is asked. */
  query: Query;
  /** The vendor's bucket of a fact. */
  bucket(fact: Fact): string;
  /** Facts of one of its rows, where nothing is grouped; else each is a row of its own. */
  rowOf?(fact: Fact): string;
  /** In 10^-24 dollars. */
  worth(fact: Fact): Money;
  /** Makes its endpoints answer. @param size of its own pages */
  serve(facts: readonly Fact[], size: number): void;
}

const RANGE = { start_date: "2026-09-01", end_date: "2026-11-22" };
const month = ({ day }: Fact) => day.slice(0, 7);
const day = (fact: Fact) => fact.day;
const one = (fact: Fact) => fact.one;
const other = (fact: Fact) => fact.other;
const nextDay = (of: string) => new Date(Date.parse(of) + 86_400_000).toISOString().slice(0, 10);

function grouped(facts: readonly Fact[], by: (fact: Fact) => string): Fact[][] {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) groups.set(by(fact), [...(groups.get(by(fact)) ?? []), fact]);
  return [...groups.values()];
}

const CREDIT = "PROMO_CREDIT";

/** Lines of days; in legacy organizations net is not sent and follows. A promotional credit has no gross. */
const confluent: FactVendor = {
  account: CONFLUENT_ACCOUNT,
  ones: ["KAFKA_STORAGE", "KAFKA_NUM_CKU", "FLINK_NUM_CFUS", CREDIT],
  others: ["lkc-1", "lkc-2"],
  dimensions: { metric_name: one, resource: other },
  times: ["day", "month"],
  query: { ...RANGE, report_type: "cost" },
  bucket: day,
  worth: ({ one: type, net, gross, form }) => {
    if (type === CREDIT) return { net: exactUnits(net), gross: 0n };
    return { net: exactUnits(net), gross: exactUnits(form === 2 ? net : gross) };
  },
  serve(facts, size) {
    confluentAnswers(({ searchParams }) => {
      const [start = "", end = ""] = ["start_date", "end_date"].map((name) => searchParams.get(name) ?? "");
      const found = facts.filter((fact) => fact.day >= start && fact.day < end);
      const from = Number(searchParams.get("page_token") ?? 0);
      const next = `https://api.confluent.cloud/billing/v1/costs?page_token=${from + size}`;
      return written({
        api_version: "billing/v1",
        kind: "CostList",
        metadata: from + size < found.length ? { next } : {},
        data: found.slice(from, from + size).map((fact) => confluentLine(fact, facts.indexOf(fact))),
      });
    });
  },
};

function confluentLine({ day: at, one: line_type, other: id, net, gross, form }: Fact, index: number) {
  const money =
    line_type === CREDIT
      ? { amount: raw(net), original_amount: raw(net), discount_amount: null }
      : [
          { amount: raw(net), original_amount: raw(gross), discount_amount: raw(less(gross, net)) },
          { original_amount: raw(gross), discount_amount: raw(less(gross, net)) },
          { amount: raw(net), original_amount: null, discount_amount: null },
        ][form];
  const days = { start_date: at, end_date: nextDay(at), granularity: "DAILY" };
  return { id: `line-${index}`, ...days, line_type, ...money, resource: { id } };
}

/** Products of an organization's month; October is published or not, November is estimated, its last total counts. */
const datadog: FactVendor = {
  account: DATADOG_ACCOUNT,
  ones: ["logs_indexed", "infra_host"],
  others: ["org1", "org2"],
  dimensions: { product: one, organization: other },
  times: ["month"],
  query: { ...RANGE, report_type: "cost" },
  bucket: month,
  rowOf: (fact) => JSON.stringify([month(fact), fact.one, fact.other]),
  worth: ({ net }) => ({ net: exactUnits(net), gross: exactUnits(net) }),
  serve(facts) {
    const published = facts.length % 2 === 0 ? "2026-10" : "2026-09";
    const among = (url: URL, isPublished: boolean) => {
      const [from = "", to = ""] = ["start_month", "end_month"].map((name) => url.searchParams.get(name) ?? "");
      const found = facts.filter((fact) => month(fact) >= from && month(fact) <= to);
      return grouped(
        found.filter((fact) => month(fact) <= published === isPublished),
        (fact) => `${month(fact)} ${fact.other}`,
      );
    };
    datadogAnswers({
      historical: (url) => written({ data: among(url, true).map((org) => datadogMonth(org, "01")) }),
      // A running total of each of several days; the later one holds the earlier.
      estimated: (url) =>
        written({
          data: among(url, false).flatMap((org) => [datadogMonth([...org, ...org], "05"), datadogMonth(org, "20")]),
        }),
    });
  },
};

function datadogMonth(facts: readonly Fact[], at: string) {
  const [first] = facts;
  const charges = grouped(facts, one).flatMap((found) => {
    const [{ one: product_name, form } = { one: "", form: 0 }] = found;
    const parts = found.map(({ net }) => ({ product_name, charge_type: "on_demand", cost: raw(net) }));
    const total = { product_name, charge_type: "total", cost: raw(sumOf(found.map(({ net }) => net))) };
    return form === 0 ? parts : [...parts, total];
  });
  const id = `${first?.other} ${first && month(first)} ${at}`;
  const attributes = { public_id: first?.other, date: `${first && month(first)}-${at}T00:00:00Z`, charges };
  return { type: "cost_by_org", id, attributes };
}

/** Requests in cents: invoiced, within the plan (worth something, billed nothing), or failed and perhaps without any amount. */
const cursor: FactVendor = {
  account: { id: "cursor", ...{ provider: "cursor", credentials: { api_key: "crsr_key" } } },
  ones: ["gpt-5", "claude-4.5-sonnet"],
  others: ["ann@example.com", "bo@example.com"],
  dimensions: { model: one, user: other },
  times: ["day", "month"],
  query: { start_date: RANGE.start_date, end_date: "2026-11-21", report_type: "usage" },
  bucket: day,
  worth: ({ net, form }) => {
    const value = exactUnits(net) / 100n;
    return { net: form === 0 ? value : 0n, gross: form === 2 ? 0n : value };
  },
  serve(facts, size) {
    const kinds = ["Usage-based", "Included in Business", "Errored, Not Charged"];
    const events = facts
      .map(({ day: at, one: model, other: userEmail, net, form }, index) => ({
        timestamp: String(Date.parse(at) + index),
        model,
        userEmail,
        kind: kinds[form],
        ...(form === 2 ? {} : { chargedCents: raw(net) }),
      }))
      .sort((a, b) => Number(b.timestamp) - Number(a.timestamp));
    cursorAnswers({
      [EVENTS]: ({ body }) => {
        const [start, end, page, most] = ["startDate", "endDate", "page", "pageSize"].map((name) => Number(body[name]));
        if (!start || !end || !page || !most) throw new Error("not a question of events");
        const found = events.filter(({ timestamp }) => Number(timestamp) >= start && Number(timestamp) <= end);
        const pageSize = Math.min(most, size);
        const numPages = Math.ceil(found.length / pageSize);
        return written({
          totalUsageEventsCount: found.length,
          pagination: {
            numPages,
            currentPage: page,
            pageSize,
            hasNextPage: page < numPages,
            hasPreviousPage: page > 1,
          },
          usageEvents: found.slice((page - 1) * pageSize, page * pageSize),
        });
      },
    });
  },
};

/** Costs of a day by the groups asked for, as a number or its digits; nothing but a total. */
const openai: FactVendor = {
  account: ORGANIZATION,
  ones: ["gpt-5.5, input", "gpt-5.5, output", "web search tool calls"],
  others: ["proj_a", "proj_b"],
  dimensions: { metric_name: one, workspace: other },
  times: ["day", "month"],
  query: { ...RANGE, report_type: "cost" },
  bucket: day,
  rowOf: (fact) => JSON.stringify([fact.day, fact.one, fact.other]),
  worth: ({ net }) => ({ net: exactUnits(net), gross: exactUnits(net) }),
  serve(facts, size) {
    serveHost(API, {
      [COSTS_PATH]: ({ searchParams }) => {
        const by = searchParams.getAll("group_by");
        const [line, project] = [by.includes("line_item"), by.includes("project_id")];
        const [start, end] = ["start_time", "end_time"].map((name) => Number(searchParams.get(name)));
        const buckets = days(start, end).map((at) => ({
          object: "bucket",
          start_time: Date.parse(at) / 1000,
          end_time: Date.parse(at) / 1000 + 86_400,
          results: grouped(
            facts.filter((fact) => fact.day === at),
            (fact) => JSON.stringify([line ? fact.one : null, project ? fact.other : null]),
          ).map((found) => {
            const value = sumOf(found.map(({ net }) => net));
            return {
              object: "organization.costs.result",
              amount: { value: found[0]?.form === 0 ? value : raw(value), currency: "usd" },
              line_item: line ? found[0]?.one : null,
              project_id: project ? found[0]?.other : null,
              quantity: null,
            };
          }),
        }));
        return written({ object: "page", ...paged(buckets, searchParams, size) });
      },
    });
  },
};

/** Fractional cents as text, billed and at list price. By the groups asked for. */
const claude: FactVendor = {
  account: ENTERPRISE,
  ones: ["chat", "claude_code"],
  others: ["claude-opus-5", "claude-sonnet-5"],
  dimensions: { product: one, model: other },
  times: ["day", "month"],
  query: { ...RANGE, report_type: "cost" },
  bucket: day,
  rowOf: (fact) => JSON.stringify([fact.day, fact.one, fact.other]),
  worth: ({ net, gross }) => ({ net: exactUnits(net) / 100n, gross: exactUnits(gross) / 100n }),
  serve(facts, size) {
    serve(CLAUDE, PATHS.cost, ({ searchParams }) => {
      const by = searchParams.getAll("group_by[]");
      const [product, model] = [by.includes("product"), by.includes("model")];
      const [start, end] = ["starting_at", "ending_at"].map((name) => Date.parse(searchParams.get(name) ?? "") / 1000);
      const buckets = days(start, end).map((at) => ({
        starting_at: `${at}T00:00:00Z`,
        ending_at: `${nextDay(at)}T00:00:00Z`,
        results: grouped(
          facts.filter((fact) => fact.day === at),
          (fact) => JSON.stringify([product ? fact.one : null, model ? fact.other : null]),
        ).map((found) => {
          const [amount, list] = [sumOf(found.map(({ net }) => net)), sumOf(found.map(({ gross }) => gross))];
          return {
            amount,
            list_amount: list,
            currency: "USD",
            product: product ? found[0]?.one : null,
            model: model ? found[0]?.other : null,
            requests: null,
          };
        }),
      }));
      return written({ ...paged(buckets, searchParams, size), organization_id: "org-1" });
    });
  },
};

function days(start = 0, end = 0): string[] {
  const found: string[] = [];
  for (let at = start; at < end; at += 86_400) found.push(new Date(at * 1000).toISOString().slice(0, 10));
  return found;
}

/** @param weeks of buckets on a page */
function paged(buckets: readonly unknown[], searchParams: URLSearchParams, weeks: number) {
  const size = 7 * weeks;
  const from = Number(searchParams.get("page") ?? 0);
  const more = from + size < buckets.length;
  return { data: buckets.slice(from, from + size), has_more: more, next_page: more ? String(from + size) : null };
}

export const FACT_VENDORS: Readonly<Record<string, FactVendor>> = { claude, openai, cursor, confluent, datadog };
