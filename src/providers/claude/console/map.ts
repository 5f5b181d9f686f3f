/** A group of a time bucket of the Console's usage or cost -> a row. */
import type { Usage } from "../../../usage/row.ts";
import { type Json, optionalText } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import {
  type AnswerContext,
  groupIdentity,
  putCost,
  putSubject,
  putTokens,
  resourcesOf,
  rowId,
  type Span,
} from "../map.ts";
import { VENDOR } from "../wire.ts";

/** What all rows of an answer have in common. */
export interface ConsoleContext extends AnswerContext {
  report: "usage" | "cost";
  /** Kinds of cost are told apart, kinds of tokens are not. */
  byKind: boolean;
}

/** What a description is made of; two rows may have one description, and differ in these. */
const DESCRIBED = ["model", "cost_type", "token_type", "context_window", "inference_geo", "service_tier"];

/** @param item as the vendor sent it, with its bucket's bounds */
export function consoleEntry(item: Json, { start_date, end_date }: Span, context: ConsoleContext): Entry {
  const { report, groups, narrowed, width, byKind } = context;
  const told = groups.includes("description") ? [...groups, ...DESCRIBED] : groups;
  const id = rowId(`console/${report}`, start_date, width, groupIdentity(item, told, report), ...narrowed);
  const row: Usage = { id, start_date, end_date };
  if (report === "cost") putCost(row, item, report, byKind ? { ...item, token_type: null } : item, false);
  else putTokens(row, item, report);
  putSubject(row, item, report);
  const text = (field: string) => optionalText(item[field], VENDOR, `${report}.${field}`);
  const [account, service] = [text("account_id"), text("service_account_id")];
  const user = account ?? service;
  if (user) row.user = { id: user };
  // Without a key it is the Workbench's, without a workspace the default one's: neither has an id.
  const resources = resourcesOf(text("api_key_id"), text("workspace_id"));
  if (resources) row.resources = resources;
  row.remote_data = item;
  return { item, rows: [row] };
}
