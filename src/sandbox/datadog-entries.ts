import { createHash } from "node:crypto";
import type { Day, Month } from "./calendar.ts";
import { dayText, firstDay, lastDay, monthOf, monthText } from "./calendar.ts";
import type { Amount, Charge } from "./datadog-costs.ts";
import { chargesOf, monthToDate, totalOf } from "./datadog-costs.ts";
import type { Organization } from "./datadog-estate.ts";
import { ORGANIZATIONS, ROOT } from "./datadog-estate.ts";
import { dollars } from "./vendor.ts";
import { hash } from "./volume.ts";

/** Who an entry is for: a sub-organization, or the root in the name of all. */
export interface Owner {
  readonly name: string;
  readonly publicId: string;
  readonly organizations: readonly Organization[];
}

interface Named {
  readonly org_name: string;
  readonly public_id: string;
  readonly region: string;
  readonly date: string;
  readonly charges: readonly Charge[];
}

export interface CostByOrg {
  readonly type: "cost_by_org";
  readonly id: string;
  readonly attributes: Named & { readonly total_cost: number };
}

export interface ProjectedCost {
  readonly type: "projected_cost";
  readonly id: string;
  readonly attributes: Named & { readonly projected_total_cost: number };
}

const SUMMARY: readonly Owner[] = [{ ...ROOT, organizations: ORGANIZATIONS }];
const SUB_ORGS: readonly Owner[] = ORGANIZATIONS.map((organization) => ({
  name: organization.name,
  publicId: organization.publicId,
  organizations: [organization],
}));

/** Whose entries the query's `view` asks for; undefined when there is no such view. */
export function readView(query: URLSearchParams): readonly Owner[] | undefined {
  const view = query.get("view") ?? "summary";
  if (view === "summary") return SUMMARY;
  return view === "sub-org" ? SUB_ORGS : undefined;
}

/** The running total of the day's month, dated as told. */
export function costByOrg(owner: Owner, day: Day, date: string): CostByOrg {
  const amounts = monthToDate(owner.organizations, day);
  return {
    type: "cost_by_org",
    id: entryId("cost_by_org", owner, day),
    attributes: {
      ...named(owner),
      total_cost: dollars(totalOf(amounts)),
      date,
      charges: chargesOf(amounts),
    },
  };
}

/** The running total carried on to the end of the month at the same pace, dated its last day. */
export function projectedCostOf(owner: Owner, today: Day): ProjectedCost {
  const first = firstDay(monthOf(today));
  const last = lastDay(monthOf(today));
  const project = (micros: number) => Math.round((micros * (last - first + 1)) / (today - first + 1));
  const amounts = monthToDate(owner.organizations, today).map(
    ({ product, committed, onDemand }): Amount => ({
      product,
      committed: project(committed),
      onDemand: project(onDemand),
    }),
  );
  return {
    type: "projected_cost",
    id: entryId("projected_cost", owner, last),
    attributes: {
      ...named(owner),
      // In whole dollars, as the vendor's: it isn't quite the sum of its charges.
      projected_total_cost: Math.round(dollars(totalOf(amounts))),
      date: `${dayText(last)}T00:00:00Z`,
      charges: chargesOf(amounts, "projected_"),
    },
  };
}

/** A bill's date: the day and the spelling wander; the month is what can be relied on. */
export function datedMonth(owner: Owner, month: Month): string {
  const forms = [`${monthText(month)}-01T00:00:00Z`, `${monthText(month)}-25T17:00:00+00:00`];
  return forms[hash(`${owner.publicId} ${month}`) % 3] ?? `${dayText(lastDay(month))}T00:00:00Z`;
}

/** A running total's date, in either spelling of UTC. */
export function datedDay(owner: Owner, day: Day): string {
  return `${dayText(day)}T00:00:00${hash(`${owner.publicId} ${day}`) % 2 === 0 ? "Z" : "+00:00"}`;
}

function named(owner: Owner) {
  return { org_name: owner.name, public_id: owner.publicId, region: "eu" };
}

/** 64 hex digits; the same fact has the same id in every answer. */
function entryId(type: string, owner: Owner, day: Day): string {
  return createHash("sha256")
    .update(`${type} ${owner.publicId} ${dayText(day)}`)
    .digest("hex");
}
