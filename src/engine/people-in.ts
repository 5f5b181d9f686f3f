import { isServiceAccountId } from "../usage/people.ts";
import type { CostGroup } from "./cost-groups.ts";
import { UNATTRIBUTED } from "./dimension.ts";
import { isEmpty } from "./series.ts";

/** Who the groups of users are, and what is tied to nobody. */
export interface People {
  /** Different people, joined by e-mail over all vendors. */
  people: number;
  service_accounts: number;
  rows_without_person: number;
  without_person?: { currency: string; net: number }[];
}

/** @param groups with `user` in their keys */
export function peopleIn(groups: Iterable<CostGroup>): People {
  const known = new Set<string>();
  const nobody = new Map<string, CostGroup["net"]>();
  let rows = 0;
  for (const group of groups) {
    // What stands there to fill a series is nobody's.
    if (isEmpty(group)) continue;
    const { key, currency, net, rows: count } = group;
    const user = key["user"] ?? UNATTRIBUTED;
    if (user !== UNATTRIBUTED) known.add(user);
    else {
      nobody.set(currency, nobody.get(currency)?.plus(net) ?? net);
      rows += count;
    }
  }
  const services = [...known].filter(isServiceAccountId).length;
  return {
    people: known.size - services,
    service_accounts: services,
    rows_without_person: rows,
    ...(nobody.size > 0
      ? { without_person: [...nobody].map(([currency, net]) => ({ currency, net: net.toNumber() })) }
      : {}),
  };
}
