import { createHash } from "node:crypto";
import type { Day, Month } from "./calendar.ts";
import { dayOf, dayText, firstDay, lastDay, monthOf, monthText } from "./calendar.ts";
import type { Amount } from "./datadog-costs.ts";
import { chargesOf, monthToDate, totalOf } from "./datadog-costs.ts";
import { readDay, readMonth } from "./datadog-dates.ts";
import type { Organization } from "./datadog-estate.ts";
import { ORGANIZATIONS, PRODUCTS, ROOT } from "./datadog-estate.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";
import { dollars } from "./vendor.ts";
import { HISTORY_START, hash } from "./volume.ts";

const CREDENTIALS = { api_key: "sandbox-datadog-api-key", application_key: "sandbox-datadog-application-key" };

const BILLED_FROM_DAY_OF_NEXT_MONTH = 16;
const PROJECTED_FROM_DAY = 12;

/** @see https://docs.datadoghq.com/api/latest/usage-metering/ */
export const datadog: SimulatedVendor = {
  provider: "datadog",
  account: (baseUrl) => ({
    id: "datadog",
    provider: "datadog",
    name: "Datadog (sandbox)",
    base_url: baseUrl,
    credentials: CREDENTIALS,
  }),
  handle(request) {
    const response = answer(request);
    return { ...response, headers: { ...rateLimit(request.now), ...response.headers } };
  },
};

function answer(request: SandboxRequest): SandboxResponse {
  const { headers, url, method, now } = request;
  if (headers["dd-api-key"] !== CREDENTIALS.api_key || headers["dd-application-key"] !== CREDENTIALS.application_key) {
    return refusal(403, "Forbidden");
  }
  switch (`${method} ${url.pathname}`) {
    case "GET /api/v2/usage/historical_cost":
      return historicalCost(url.searchParams, dayOf(now));
    case "GET /api/v2/usage/estimated_cost":
      return estimatedCost(url.searchParams, dayOf(now));
    case "GET /api/v2/usage/projected_cost":
      return projectedCost(url.searchParams, dayOf(now));
    case "GET /api/v2/usage/billing_dimension_mapping":
      return billingDimensionMapping(url.searchParams, dayOf(now));
    default:
      return refusal(404, "Not found");
  }
}

function historicalCost(query: URLSearchParams, today: Day): SandboxResponse {
  const owners = readView(query);
  if (owners === undefined) return badView();
  const start = readMonth(query.get("start_month"));
  if (start === undefined) return refusal(400, "start_month is required in the format [YYYY-MM]");
  const asked = query.has("end_month") ? readMonth(query.get("end_month")) : monthOf(today);
  if (asked === undefined) return refusal(400, "end_month must be in the format [YYYY-MM]");
  if (query.has("end_month") && asked < start)
    return refusal(400, "start_month [YYYY-MM] must be before end_month [YYYY-MM]");
  const data: CostByOrg[] = [];
  const end = Math.min(asked, lastBilledMonth(today));
  for (let month = Math.max(start, monthOf(HISTORY_START)); month <= end; month++) {
    for (const owner of owners) data.push(costByOrg(owner, lastDay(month), billDate(owner, month)));
  }
  return { status: 200, body: { data } };
}

function lastBilledMonth(today: Day): Month {
  const current = monthOf(today);
  return today - firstDay(current) + 1 >= BILLED_FROM_DAY_OF_NEXT_MONTH ? current - 1 : current - 2;
}

function estimatedCost(query: URLSearchParams, today: Day): SandboxResponse {
  const owners = readView(query);
  if (owners === undefined) return badView();
  const byDay = query.has("start_date") || query.has("end_date");
  if (byDay && (query.has("start_month") || query.has("end_month")))
    return refusal(400, "start_month and start_date cannot be used together");
  if ((query.get("cost_aggregation") ?? "cumulative") !== "cumulative")
    return refusal(400, "cost_aggregation must be cumulative");
  const days = byDay ? daysAsked(query, today) : daysOfMonthsAsked(query, today);
  if (typeof days === "string") return refusal(400, days);
  const data = owners.flatMap((owner) =>
    // Not in the order of the days for every organization, so that the last entry isn't always the latest.
    (hash(owner.publicId) % 2 === 0 ? days : days.toReversed()).map((day) =>
      costByOrg(
        owner,
        day,
        hash(`${owner.publicId} ${day}`) % 2 ? `${dayText(day)}T00:00:00Z` : `${dayText(day)}T00:00:00+00:00`,
      ),
    ),
  );
  return { status: 200, body: { data } };
}

/** The days whose running totals a `start_date`..`end_date` question is answered with, or what is wrong with it. */
function daysAsked(query: URLSearchParams, today: Day): readonly Day[] | string {
  const start = readDay(query.get("start_date"));
  if (start === undefined) return "start_date is required in the format [YYYY-MM-DD]";
  const end = query.has("end_date") ? readDay(query.get("end_date")) : today;
  if (end === undefined) return "end_date must be in the format [YYYY-MM-DD]";
  if (query.has("end_date") && end < start) return "start_date [YYYY-MM-DD] must be before end_date [YYYY-MM-DD]";
  if (monthOf(start) < monthOf(today) - 1) return "start_date cannot go beyond two months in the past";
  const days: Day[] = [];
  for (let day = Math.max(start, HISTORY_START); day <= Math.min(end, today); day++) days.push(day);
  return days;
}

/** A closed month has its last day's running total; the running month has yesterday's beside today's. */
function daysOfMonthsAsked(query: URLSearchParams, today: Day): readonly Day[] | string {
  const current = monthOf(today);
  const start = query.has("start_month") ? readMonth(query.get("start_month")) : current;
  if (start === undefined) return "start_month must be in the format [YYYY-MM]";
  const end = query.has("end_month") ? readMonth(query.get("end_month")) : Math.max(start, current);
  if (end === undefined) return "end_month must be in the format [YYYY-MM]";
  if (end < start) return "start_month [YYYY-MM] must be before end_month [YYYY-MM]";
  if (start < current - 1) return "start_month cannot go beyond two months in the past";
  return [lastDay(current - 1), today - 1, today].filter(
    (day, index, days) =>
      day >= HISTORY_START && days.indexOf(day) === index && monthOf(day) >= start && monthOf(day) <= end,
  );
}

function projectedCost(query: URLSearchParams, today: Day): SandboxResponse {
  const owners = readView(query);
  if (owners === undefined) return badView();
  const last = lastDay(monthOf(today));
  const first = firstDay(monthOf(today));
  const passed = today - first + 1;
  if (passed < PROJECTED_FROM_DAY || today < HISTORY_START) return { status: 200, body: { data: [] } };
  const project = (micros: number) => Math.round((micros * (last - first + 1)) / passed);
  const data = owners.map((owner) => {
    const amounts = monthToDate(owner.organizations, today).map(
      ({ product, committed, onDemand }): Amount => ({
        product,
        committed: project(committed),
        onDemand: project(onDemand),
      }),
    );
    return {
      type: "projected_cost",
      id: entryId("projected_cost", owner, dayText(last)),
      attributes: {
        ...named(owner),
        // In whole dollars, as the vendor's: it isn't quite the sum of its charges.
        projected_total_cost: Math.round(dollars(totalOf(amounts))),
        date: `${dayText(last)}T00:00:00Z`,
        charges: chargesOf(amounts, "projected_"),
      },
    };
  });
  return { status: 200, body: { data } };
}

function billingDimensionMapping(query: URLSearchParams, today: Day): SandboxResponse {
  const headers = { "content-type": "application/vnd.api+json" };
  const month = query.has("filter[month]") ? readMonth(query.get("filter[month]")) : monthOf(today);
  const view = query.get("filter[view]") ?? "active";
  if (month === undefined || (view !== "active" && view !== "all")) {
    const detail = month === undefined ? "filter[month] must be a month" : "filter[view] must be active or all";
    const error = { id: null, links: null, status: "400", code: null, title: "Bad Request", detail };
    return { status: 400, headers, body: { errors: [{ ...error, source: null, meta: null }] } };
  }
  const data = PRODUCTS.filter((product) => product.label !== undefined).map((product) => ({
    type: "billing_dimensions",
    id: product.name,
    attributes: {
      in_app_label: product.label,
      timestamp: `${monthText(month)}-01T00:00:00Z`,
      endpoints: [{ id: "api/v1/usage/billable-summary", keys: [`${product.name}_sum`], status: "OK" }],
    },
  }));
  return { status: 200, headers, body: { data } };
}

interface CostByOrg {
  readonly type: "cost_by_org";
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Who an entry is for: a sub-organization, or the root in the name of all. */
interface Owner {
  readonly name: string;
  readonly publicId: string;
  readonly organizations: readonly Organization[];
}

const SUMMARY: readonly Owner[] = [{ ...ROOT, organizations: ORGANIZATIONS }];
const SUB_ORGS: readonly Owner[] = ORGANIZATIONS.map((organization) => ({
  name: organization.name,
  publicId: organization.publicId,
  organizations: [organization],
}));

function readView(query: URLSearchParams): readonly Owner[] | undefined {
  const view = query.get("view") ?? "summary";
  if (view === "summary") return SUMMARY;
  return view === "sub-org" ? SUB_ORGS : undefined;
}

function badView(): SandboxResponse {
  return refusal(400, "view must be summary or sub-org");
}

function costByOrg(owner: Owner, day: Day, date: string): CostByOrg {
  const amounts = monthToDate(owner.organizations, day);
  return {
    type: "cost_by_org",
    id: entryId("cost_by_org", owner, dayText(day)),
    attributes: { ...named(owner), total_cost: dollars(totalOf(amounts)), date, charges: chargesOf(amounts) },
  };
}

/** The day and the offset's spelling wander; the month is what can be relied on. */
function billDate(owner: Owner, month: Month): string {
  const forms = [`${monthText(month)}-01T00:00:00Z`, `${monthText(month)}-25T17:00:00+00:00`];
  return forms[hash(`${owner.publicId} ${month}`) % 3] ?? `${dayText(lastDay(month))}T00:00:00Z`;
}

function named(owner: Owner) {
  return { org_name: owner.name, public_id: owner.publicId, region: "eu" };
}

function entryId(type: string, owner: Owner, date: string): string {
  return createHash("sha256").update(`${type} ${owner.publicId} ${date}`).digest("hex");
}

function refusal(status: number, message: string): SandboxResponse {
  return { status, body: { errors: [message] } };
}

/** The reset is in seconds from now. The count stands still: the sandbox throttles nobody. */
function rateLimit(now: Date): Record<string, string> {
  return {
    "x-ratelimit-limit": "10",
    "x-ratelimit-period": "30",
    "x-ratelimit-remaining": "9",
    "x-ratelimit-reset": `${30 - (now.getUTCSeconds() % 30)}`,
    "x-ratelimit-name": "usage_metering",
  };
}
