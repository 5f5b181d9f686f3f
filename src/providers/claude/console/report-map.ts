/** A group of a time bucket of the Console's usage or cost -> a row. */
import { iso } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { type Json, text } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { charges, costMetric, days, groupIdentity, modelFields, rowId, tokenUsage } from "../map.ts";
import { productFields } from "../products.ts";
import { requiredInstant } from "../wire.ts";

/** What all rows of an answer have in common. */
export interface ConsoleContext {
  report: "usage" | "cost";
  groups: readonly string[];
  width: string;
}

/** What a description is made of; two rows may have one description, and differ in these. */
const DESCRIBED = ["model", "cost_type", "token_type", "context_window", "inference_geo", "service_tier"];

/** @param item as the vendor sent it, with its bucket's bounds */
export function consoleEntry(item: Json, { report, groups, width }: ConsoleContext): Entry {
  const start = requiredInstant(item["starting_at"], `${report}.data[].starting_at`);
  const end = requiredInstant(item["ending_at"], `${report}.data[].ending_at`);
  const told = groups.includes("description") ? [...groups, ...DESCRIBED] : groups;
  const user = text(item["account_id"]) ?? text(item["service_account_id"]);
  const row: Usage = {
    id: rowId(`console/${report}`, iso(start), width, groupIdentity(item, told)),
    ...days(start, end),
    ...(report === "cost"
      ? { metric_name: costMetric(item), charges: charges(item, "cost", false) }
      : { metric_name: "tokens", ...tokenUsage(item, "usage") }),
    ...productFields(undefined),
    ...modelFields(item),
    ...(user ? { user: { id: user } } : {}),
    ...resourceFields(item),
    remote_data: item,
  };
  return { item, rows: [row] };
}

/** Without a key it is the Workbench's, without a workspace the default one's: neither has an id. */
function resourceFields(item: Json): Pick<Usage, "resources"> {
  const [id, workspace] = [text(item["api_key_id"]), text(item["workspace_id"])];
  if (!id && !workspace) return {};
  return { resources: [{ ...(id ? { id } : {}), ...(workspace ? { workspace: { id: workspace } } : {}) }] };
}
