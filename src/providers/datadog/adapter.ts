import * as z from "zod";
import { badParameter } from "../../errors.ts";
import {
  addMonths,
  ceilMonth,
  DAY,
  type Instant,
  isoMonth,
  type Period,
  readInstant,
  startOfMonth,
} from "../../usage/period.ts";
import type { Adapter, Asked, Page, Question, RequestedDates } from "../provider.ts";
import { mapProducts, mapSummary } from "./map.ts";
import { projection } from "./projection.ts";
import { support } from "./support.ts";
import {
  BILLING_DIMENSIONS,
  type CostByOrg,
  type CostSource,
  connect,
  ESTIMATED_COST,
  HISTORICAL_COST,
  readCosts,
  readLabels,
} from "./wire.ts";

/** Months `YYYY-MM`, both included, and the endpoint to ask for them. A month is answered by one endpoint, never by both. */
const positionSchema = z.object({
  source: z.enum(["historical_cost", "estimated_cost"]),
  from: z.string(),
  to: z.string(),
});
type Position = z.infer<typeof positionSchema>;

/**
 * By when a month is final, in the month after: its cost is there "no later than the 16th", and what Datadog makes of it by tags
 * on the 19th, the latest day that it names.
 * @see https://docs.datadoghq.com/api/latest/usage-metering/
 */
const FINAL_AFTER_DAYS = 19;

/**
 * A month N-2 and older is asked of historical_cost. Month N-1 too, but it is published only about the 16th of N: where
 * historical_cost holds nothing for it, and for the running month N, estimated_cost is asked. Months that are final are asked for
 * apart from one that is not.
 */
export const datadog: Adapter<Position> = {
  support,
  connect,
  reserved: {
    start_month: "use start_date",
    end_month: "use end_date",
    start_date: "use the parameter start_date",
    end_date: "use the parameter end_date",
    cost_aggregation: "only running totals of a month are read",
  },

  lookup: {
    requests: () => [{ method: "GET", path: BILLING_DIMENSIONS, query: [["filter[view]", "all"]] }],
    read: (_request, answer) => readLabels(answer.body),
  },

  projection,

  readPeriod(dates: RequestedDates, { now }: Asked): Period {
    const start = dates.start_date === undefined ? startOfMonth(now) : readInstant(dates.start_date, "start_date").at;
    if (dates.end_date === undefined) return { start: startOfMonth(start), end: addMonths(start, 1) };
    const end = readInstant(dates.end_date, "end_date").at;
    if (end < start) {
      const from = dates.start_date ?? `${isoMonth(start)}, the current month, since start_date is not given`;
      throw badParameter("end_date", `${dates.end_date} lies before start_date (${from}).`);
    }
    const boundary = startOfMonth(end) === end && end > start;
    return { start: startOfMonth(start), end: boundary ? end : addMonths(end, 1) };
  },

  cover({ start, end }: Period): Period {
    return { start: startOfMonth(start), end: ceilMonth(end) };
  },

  first({ period, now }: Question): Position | undefined {
    const current = startOfMonth(now);
    if (period.start > current) return undefined;
    if (period.start === current) return { source: "estimated_cost", from: isoMonth(current), to: isoMonth(current) };
    return historical(period, now);
  },

  request({ remoteQuery }: Question, position: Position) {
    const { source, from, to } = positionSchema.parse(position);
    const view = remoteQuery.some(([name]) => name === "view") ? [] : [["view", "sub-org"] as const];
    return {
      method: "GET",
      path: source === "historical_cost" ? HISTORICAL_COST : ESTIMATED_COST,
      query: [["start_month", from], ["end_month", to], ...view, ...remoteQuery],
    };
  },

  read(question: Question, position: Position, answers, labels): Page<Position> {
    const sent = answers.flatMap((answer) => readCosts(answer.body, position.source));
    const isAsked = ({ month }: CostByOrg) => month >= position.from && month <= position.to;
    const costs = latest(sent.filter(isAsked));
    const withAccount = question.remoteQuery.some(
      ([name, value]) => name === "include_connected_accounts" && value === "true",
    );
    const entries = costs.map((cost) => ({
      item: cost.item,
      rows:
        question.report === "summary"
          ? [mapSummary(cost, position.source, withAccount)]
          : mapProducts(cost, position.source, labels, withAccount),
    }));
    const next = position.source === "historical_cost" ? following(question, position, costs) : undefined;
    const others = new Set(sent.filter((cost) => !isAsked(cost)).map(({ month }) => month));
    const warnings = [
      ...estimateWarning(position.source, costs),
      ...(others.size > 0
        ? [`Datadog sent ${[...others].sort().join(", ")}, which ${position.source} was not asked for; it is left out.`]
        : []),
    ];
    return { entries, ...(next ? { next } : {}), ...(warnings.length > 0 ? { warnings } : {}) };
  },

  /** An estimate never is final; nor is the last month while nothing of it is published, however late that is. */
  settles({ remoteQuery }: Question, { source, to }: Position, answers): Instant | undefined {
    if (source === "estimated_cost" || remoteQuery.length > 0) return undefined;
    const published = answers.some(({ body }) => readCosts(body, source).some(({ month }) => month === to));
    return finalAt(published ? startOf(to) : addMonths(startOf(to), 1));
  },
};

function startOf(month: string): Instant {
  return Date.parse(`${month}-01T00:00:00Z`);
}

/** When the cost of a month is final. */
function finalAt(month: Instant): Instant {
  return addMonths(month, 1) + FINAL_AFTER_DAYS * DAY;
}

/** The first months of a period that are over: those that are final, or, where there are none, the one that is not. */
function historical(period: Period, now: Instant): Position {
  const before = addMonths(now, -1);
  const last = Math.min(startOfMonth(period.end - 1), before);
  const to = last === before && finalAt(before) > now && period.start < before ? addMonths(before, -1) : last;
  return { source: "historical_cost", from: isoMonth(period.start), to: isoMonth(to) };
}

function following(question: Question, { to }: Position, costs: readonly CostByOrg[]): Position | undefined {
  const { period, now } = question;
  const start = addMonths(startOf(to), 1);
  return start < startOfMonth(now) && start < period.end
    ? historical({ start, end: period.end }, now)
    : estimated(question, costs);
}

/** The months of {N-1, N} that belong to the question and that historical_cost has not answered. */
function estimated({ period, now }: Question, costs: readonly CostByOrg[]): Position | undefined {
  const current = startOfMonth(now);
  const published = new Set(costs.map(({ month }) => month));
  const missing = [addMonths(current, -1), current]
    .filter((month) => month >= period.start && month < period.end)
    .map(isoMonth)
    .filter((month) => !published.has(month));
  const [from, to = from] = missing;
  return from && to ? { source: "estimated_cost", from, to } : undefined;
}

/**
 * The last word on each organization's month. Estimates are running totals, several dates may be answered for a month, and
 * only the latest counts; the same entry (by its id) is one entry. Sorted by month and organization.
 */
function latest(costs: readonly CostByOrg[]): CostByOrg[] {
  const groups = new Map<string, CostByOrg[]>();
  for (const cost of costs) {
    const key = JSON.stringify([cost.month, cost.orgId, cost.accountId ?? ""]);
    const others = groups.get(key) ?? [];
    const newest = others[0] ? Date.parse(others[0].date) : Number.NEGATIVE_INFINITY;
    const instant = Date.parse(cost.date);
    if (instant > newest) groups.set(key, [cost]);
    else if (instant === newest && !others.some((other) => isSame(other, cost))) groups.set(key, [...others, cost]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => (group.length === 1 ? group : [merged(group)]));
}

function isSame(one: CostByOrg, other: CostByOrg): boolean {
  return one.id === undefined ? JSON.stringify(one.item) === JSON.stringify(other.item) : one.id === other.id;
}

/** Entries of one organization, month and date with different content are parts of one month: their charges stand together. */
function merged(group: readonly CostByOrg[]): CostByOrg {
  const [first, ...others] = group;
  if (!first) throw new Error("a group has at least one entry");
  const charges = group.flatMap((cost) => cost.charges);
  const { total_cost: _, ...rest } = first.attributes;
  const attributes = { ...rest, charges };
  return others.length === 0 ? first : { ...first, attributes, charges, item: { ...first.item, attributes } };
}

function estimateWarning(source: CostSource, costs: readonly CostByOrg[]): string[] {
  if (source !== "estimated_cost" || costs.length === 0) return [];
  const months = [...new Set(costs.map(({ month }) => month))].sort();
  return [
    `${months.join(" and ")} ${months.length === 1 ? "is" : "are"} Datadog's estimate to date, not the bill: final figures come about the 16th of the month after.`,
  ];
}
