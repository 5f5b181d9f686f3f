import * as z from "zod";
import { type Amount, ZERO } from "./money.ts";

/**
 * The unified Usage row: one fact of use or cost, in the same words for every vendor. All 88 field paths of the unified
 * usage-metering reference, with its descriptions. Absent means unknown: never a zero or null in its place.
 * Objects are loose, since vendors grow; dates are RFC 3339 strings, UTC, passed through without a format check.
 */

/** What a charge can be. `net` is what will be invoiced, `total` is before discounts and credits; the rest are parts or views. */
export const CHARGE_TYPES = [
  "total",
  "net",
  "on_demand",
  "committed",
  "included",
  "usage_based",
  "discount",
  "tax",
  "credit",
  "platform_fee",
] as const;
export type ChargeType = (typeof CHARGE_TYPES)[number];

const text = (description?: string) => (description ? z.string().describe(description) : z.string()).optional();
const count = (description?: string) => (description ? z.number().describe(description) : z.number()).optional();
const flag = () => z.boolean().optional();
const bag = (description: string) => z.looseObject({}).describe(description).optional();

const charge = z.looseObject({
  amount: z.number().describe("The amount charged for the usage."),
  currency: z.string().describe("The currency in which the charge is made."),
  type: z.enum(CHARGE_TYPES).describe("The type of charge."),
});

const usage = z.looseObject({
  activity: z.looseObject({ client_version: text(), is_active: flag(), max_mode: flag() }).optional(),
  code: z
    .looseObject({
      accepts: count(),
      applies: count(),
      commits: count(),
      file_extensions: z.looseObject({ apply_most_used: text(), tab_most_used: text() }).optional(),
      lines_accepted_added: count(),
      lines_accepted_removed: count(),
      lines_added: count(),
      lines_removed: count(),
      pull_requests: count(),
      rejects: count(),
      tool_actions: bag("Per-tool accept/reject counts (e.g. Claude Code)."),
    })
    .optional(),
  conversations: z
    .looseObject({
      distinct: count(),
      message_count: count(),
      shared_viewed_count: count(),
      thinking_message_count: count(),
      thread_count: count(),
      turn_count: count(),
    })
    .optional(),
  quantity: count("Generic quantity (e.g. Confluent)."),
  requests: z
    .looseObject({
      agent: count(),
      api_key: count(),
      bugbot: count(),
      chat: count(),
      cmdk: count("Inline edit (e.g. Cursor Cmd+K)."),
      composer: count(),
      included: count(),
      tab_accepted: count(),
      tab_shown: count(),
      total: count(),
      usage_based: count(),
    })
    .optional(),
  sessions: z
    .looseObject({ dispatch_turns: count("Cowork / background dispatch turns."), distinct: count() })
    .optional(),
  tokens: z
    .looseObject({
      cache_read: count(),
      cache_write: count(),
      cache_write_ephemeral_1h: count(),
      cache_write_ephemeral_5m: count(),
      input: count(),
      output: count(),
      total: count(),
    })
    .optional(),
  tools: z
    .looseObject({
      action_count: count(),
      connectors_used_count: count(),
      distinct_connectors_used_count: count(),
      distinct_skills_used_count: count(),
      skills_used_count: count(),
      web_search_count: count(),
    })
    .optional(),
});

const workspace = z
  .looseObject({ id: text("Unique identifier for the workspace."), name: text("Name of the workspace.") })
  .describe("The resource is present in this workspace.");

export const rowSchema = z.looseObject({
  id: z.string().describe("Unique identifier for the usage."),
  charges: z.array(charge).describe("The amounts charged for the usage.").optional(),
  created_at: text("Date and time when the usage data metric was created."),
  end_date: text("The end date for the usage data."),
  metric_name: text("Name of the metric being charged for"),
  model: z
    .looseObject({
      id: text("Model identifier (e.g. claude-sonnet-4-6, gpt-5)."),
      provider: text("Provider hosting the model (e.g. anthropic, openai, cursor)."),
    })
    .describe("AI model for the row when applicable. Omit for non-AI vendors.")
    .optional(),
  organization: z
    .looseObject({
      id: z.string().describe("Unique identifier for the organization."),
      name: text("Name of the organization."),
    })
    .describe("The organization associated with the usage.")
    .optional(),
  product: z
    .looseObject({ id: z.string().describe("Unique identifier for the product."), name: text("Name of the product.") })
    .describe("The product associated with the usage.")
    .optional(),
  remote_data: bag("Raw data returned from the remote API call."),
  resources: z
    .array(
      z.looseObject({
        id: text("Unique identifier for the resource."),
        name: text("Name of the resource."),
        workspace: workspace.optional(),
      }),
    )
    .optional(),
  start_date: text("The start date for the usage data."),
  surface: text(
    "Specific product surface for this row when the source exposes a single surface, such as chat, claude_code, cowork, office_agent, composer, or api. Omit when the row is aggregate and no per-surface split exists.",
  ),
  updated_at: text("Date and time when the usage data metric was last updated."),
  usage: usage.describe("The usage data for the product.").optional(),
  unit: text("Unit for quantity (e.g. GB, request, hour)."),
  user: z
    .looseObject({
      email: text("Primary email of the user."),
      id: text("Unique identifier for the user in the source application."),
      name: text("Display name of the user."),
    })
    .describe(
      "User attributed to the usage row when the vendor exposes a user pivot. Omit for org-level or aggregated rows.",
    )
    .optional(),
});

/** A row as it is written: amounts are JSON numbers, rounded once, here. */
export type Row = z.infer<typeof rowSchema>;

/** A charge as it is computed with: an exact decimal in `currency`. */
export interface Charge {
  type: ChargeType;
  amount: Amount;
  currency: string;
}

/** A row as it is computed with: the fields of {@link Row}, its charges exact. */
export interface Usage extends Omit<Known<Row>, "charges"> {
  charges?: Charge[];
}

/** Drops the index signatures of loose objects: what we write ourselves is known by name. */
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

/** From the exact row to the written one. The only rounding of an amount: to the nearest JSON number. */
export function writeRow(row: Usage, withRemoteData: boolean): Row {
  const written: Row = { id: row.id };
  // Field by field: a copy by rest or spread costs ten times as much, and this is done for every row of every answer.
  if (row.start_date !== undefined) written.start_date = row.start_date;
  if (row.end_date !== undefined) written.end_date = row.end_date;
  if (row.metric_name !== undefined) written.metric_name = row.metric_name;
  if (row.product) written.product = row.product;
  if (row.model) written.model = row.model;
  if (row.surface !== undefined) written.surface = row.surface;
  if (row.user) written.user = row.user;
  if (row.organization) written.organization = row.organization;
  if (row.resources) written.resources = row.resources;
  if (row.charges) written.charges = row.charges.map(writeCharge);
  if (row.usage) written.usage = row.usage;
  if (row.unit !== undefined) written.unit = row.unit;
  if (row.created_at !== undefined) written.created_at = row.created_at;
  if (row.updated_at !== undefined) written.updated_at = row.updated_at;
  if (withRemoteData && row.remote_data) written.remote_data = row.remote_data;
  return written;
}

function writeCharge({ type, amount, currency }: Charge): z.infer<typeof charge> {
  return { type, amount: amount.toNumber(), currency };
}

/**
 * What a row will be billed at, and its value before discounts and credits, in its own currency.
 * Billed = `net`, else `total`; gross = `total`, else `net`; a line that is nothing but a credit has no gross, whatever
 * total its vendor repeats the credit in. A row has at most one of each.
 */
export function billed(row: Usage): { net: Amount; gross: Amount; currency: string } | undefined {
  let net: Charge | undefined;
  let total: Charge | undefined;
  let credit: Charge | undefined;
  for (const c of row.charges ?? []) {
    if (c.type === "net") net = c;
    else if (c.type === "total") total = c;
    else if (c.type === "credit") credit = c;
  }
  const invoice = net ?? total;
  const value = total ?? net;
  if (!invoice || !value) return undefined;
  const gross = credit && credit.amount.compare(invoice.amount) === 0 ? ZERO : value.amount;
  return { net: invoice.amount, gross, currency: invoice.currency };
}
