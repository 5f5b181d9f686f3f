import { badParameter } from "../errors.ts";
import type { Dimension, Filters, ProviderSupport } from "../providers/provider.ts";
import { didYouMean, shown } from "../suggest.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { NUMBER_PATHS } from "./fields.ts";
import { FILTER_DIMENSIONS, namesOf } from "./filters.ts";

/** Something that use is measured by, under its path in a row's usage, or one of these two. */
export interface Metric {
  /** `tokens.input`, `requests.total`; `users`: different people; `quantity`: by unit, `quantity:GB` one unit only. */
  name: string;
  /** Dimensions that rows must be apart by, since the vendor counts it anew for each: it can't be added over them. */
  apart: readonly Dimension[];
  /** What a sum of it means, where that needs saying. */
  note?: string;
}

export const USERS = "users";
export const QUANTITY = "quantity";

/** Units of quantities that can't be added: people, rates, and stocks that are there on every day. */
export const NOT_ADDITIVE_UNITS: ReadonlySet<string> = new Set(["user", "seat", "invite", "percent", "byte"]);

/** Counts of different things: the vendor has taken out what comes twice in a row, and nobody can across rows. */
const DISTINCT: Readonly<Record<string, Omit<Metric, "name">>> = {
  "sessions.distinct": { apart: [], note: "a session that goes on past midnight UTC counts on both days" },
  "conversations.distinct": { apart: ["day"] },
  "tools.distinct_connectors_used_count": { apart: ["day", "user", "product"] },
  "tools.distinct_skills_used_count": { apart: ["day", "user", "product"] },
};

/** Every metric there is. */
const METRICS: readonly string[] = [
  ...[...NUMBER_PATHS].filter((path) => path.startsWith("usage.")).map((path) => path.slice("usage.".length)),
  USERS,
];

/** A metric by its name; rows have it under `usage`. */
export function nameOf(given: string): string {
  return given.trim().replace(/^usage\./, "");
}

/** @throws UsageError (question): no such metric, or one that can't be added up over what is not grouped by */
export function readMetrics(names: readonly string[], by: readonly Dimension[]): Metric[] {
  return [...new Set(names)].map((given) => {
    const name = nameOf(given);
    const plain = name.startsWith(`${QUANTITY}:`) ? QUANTITY : name;
    if (!METRICS.includes(plain))
      throw badParameter(
        "metrics",
        `there is no metric ${shown(given)}.${didYouMean(plain, METRICS)} See describe_supported_params for what each report has.`,
      );
    if (NOT_ADDITIVE_UNITS.has(name.slice(plain.length + 1).toLowerCase()))
      throw badParameter(
        "metrics",
        `${name} is a level or a rate and can't be added up; read the rows with list_usage.`,
      );
    const metric: Metric = { name, ...(DISTINCT[plain] ?? { apart: [] }) };
    const missing = metric.apart.filter((dimension) => !by.includes(dimension));
    if (missing.length > 0)
      throw badParameter(
        "metrics",
        `${name} counts different things and can't be added over each ${missing.join(" and ")}; add ${missing.join(" and ")} to group_by, ask for users, or read the rows with list_usage.`,
      );
    return metric;
  });
}

/** In this order: what people do is counted where it is charged, else where it is observed. */
const PREFERRED: readonly ReportType[] = [
  "usage",
  "activity",
  "user_usage",
  "project_usage",
  "skill_usage",
  "connector_usage",
  "cost",
];

/**
 * Which report of an account each metric is read from: one for each, so that nothing is counted twice; of those that have it,
 * the first that tells apart the most of what is asked for.
 * @returns by report; metrics that the account has nowhere are in none
 */
export function reportsOf(
  { reports }: ProviderSupport,
  metrics: readonly Metric[],
  by: readonly Dimension[],
  filters: Filters,
): Map<ReportType, Metric[]> {
  const chosen = new Map<ReportType, Metric[]>();
  for (const metric of metrics) {
    const dimensions = [...by, ...namesOf(filters).map((name) => FILTER_DIMENSIONS[name])];
    const wanted = new Set<Dimension>(metric.name === USERS ? [...dimensions, "user"] : dimensions);
    const found = PREFERRED.flatMap((report) => {
      const served = reports[report];
      if (!served || !has(served, metric)) return [];
      return [{ report, told: [...wanted].filter((dimension) => served.dimensions.includes(dimension)).length }];
    });
    const most = Math.max(...found.map(({ told }) => told));
    const best = found.find(({ told }) => told === most);
    if (best) chosen.set(best.report, [...(chosen.get(best.report) ?? []), metric]);
  }
  return new Map(
    REPORT_TYPES.flatMap((report) => {
      const own = chosen.get(report);
      return own ? [[report, own] as const] : [];
    }),
  );
}

function has(
  { fields, dimensions }: { fields: readonly string[]; dimensions: readonly Dimension[] },
  { name }: Metric,
): boolean {
  if (name === USERS) return dimensions.includes("user") && fields.some((field) => field.startsWith("usage."));
  const plain = name.startsWith(`${QUANTITY}:`) ? QUANTITY : name;
  return fields.includes(`usage.${plain}`);
}
