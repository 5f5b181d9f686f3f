import { type Amount, ZERO } from "../../usage/money.ts";
import { type Instant, isoMonth } from "../../usage/period.ts";
import { drift, object, optionalText, requiredAmount, requiredList, requiredText } from "../fields.ts";
import type { VendorProjection } from "../provider.ts";
import { CURRENCY } from "./map.ts";
import { PROJECTED_COST } from "./wire.ts";

/** One organization's month as Datadog expects it to come out. */
interface ProjectedCost {
  org: string;
  /** The same for the same content. */
  id: string;
  /** Any instant of the month, even its last day. */
  date: string;
  net: Amount;
}

/**
 * What Datadog expects the running month to cost: stated for each organization, from about the 12th on. Where it states an
 * organization's month more than once, the latest counts.
 * @see https://docs.datadoghq.com/api/latest/usage-metering/#get-projected-cost-across-your-account
 */
export const projection: VendorProjection = {
  missing:
    "Datadog projects a month from about its 12th day and has no projection of this one yet; the mean of the last months, or the cost to date where that is more, stands for it.",

  request: () => ({ method: "GET", path: PROJECTED_COST, query: [["view", "sub-org"]] }),

  read({ body }, now: Instant): ReadonlyMap<string, Amount> {
    const { data } = object(body, "Datadog", "projected_cost");
    const month = isoMonth(now);
    const costs = requiredList(data, "Datadog", "projected_cost.data")
      .map(readProjectedCost)
      .filter(({ date }) => date.startsWith(month));
    const newest = new Map<string, number>();
    for (const { org, date } of costs)
      newest.set(org, Math.max(newest.get(org) ?? Number.NEGATIVE_INFINITY, Date.parse(date)));
    const last = costs.filter(({ org, date }) => Date.parse(date) === newest.get(org));
    // The same entry sent twice is one.
    const once = [...new Map(last.map((cost) => [cost.id, cost])).values()];
    return once.length === 0 ? new Map() : new Map([[CURRENCY, once.reduce((all, { net }) => all.plus(net), ZERO)]]);
  },
};

function readProjectedCost(entry: unknown): ProjectedCost {
  const item = object(entry, "Datadog", "projected_cost.data[]");
  const field = "projected_cost.data[].attributes";
  const attributes = object(item["attributes"], "Datadog", field);
  const own = (name: string) => optionalText(attributes[name], "Datadog", `${field}.${name}`);
  const org = requiredText(
    own("public_id") ?? own("account_public_id") ?? own("org_name"),
    "Datadog",
    `${field}.public_id`,
  );
  const date = requiredText(attributes["date"], "Datadog", `${field}.date`);
  if (Number.isNaN(Date.parse(date))) throw drift("Datadog", `${field}.date`, "a date", date);
  const id = optionalText(item["id"], "Datadog", "projected_cost.data[].id") ?? JSON.stringify(entry);
  const net = requiredAmount(attributes["projected_total_cost"], "Datadog", `${field}.projected_total_cost`);
  return { org, id, date, net };
}
