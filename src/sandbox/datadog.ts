import type { Day, Month } from "./calendar.ts";
import { dayOf, firstDay, lastDay, monthOf, monthText } from "./calendar.ts";
import { daysAsked, daysOfMonthsAsked, readMonth } from "./datadog-dates.ts";
import type { CostByOrg } from "./datadog-entries.ts";
import { costByOrg, datedDay, datedMonth, projectedCostOf, readView } from "./datadog-entries.ts";
import { PRODUCTS } from "./datadog-estate.ts";
import type { SandboxRequest, SandboxResponse, SimulatedVendor } from "./vendor.ts";
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
    for (const owner of owners) data.push(costByOrg(owner, lastDay(month), datedMonth(owner, month)));
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
      costByOrg(owner, day, datedDay(owner, day)),
    ),
  );
  return { status: 200, body: { data } };
}

function projectedCost(query: URLSearchParams, today: Day): SandboxResponse {
  const owners = readView(query);
  if (owners === undefined) return badView();
  const passed = today - firstDay(monthOf(today)) + 1;
  const there = passed >= PROJECTED_FROM_DAY && today >= HISTORY_START;
  return { status: 200, body: { data: there ? owners.map((owner) => projectedCostOf(owner, today)) : [] } };
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

function badView(): SandboxResponse {
  return refusal(400, "view must be summary or sub-org");
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
