/**
 * Datadog's words. GET, two key headers, JSON.
 * @see https://docs.datadoghq.com/api/latest/usage-metering/
 */
import type { Account } from "../../accounts/account.ts";
import { DEFAULT_DATADOG_SITE } from "../../accounts/datadog-sites.ts";
import type { Connection, Refusal } from "../../vendor-http/connection.ts";
import {
  amount,
  drift,
  isObject,
  type Json,
  list,
  object,
  optionalText,
  requiredList,
  requiredText,
  text,
} from "../fields.ts";
import type { Directory, Named } from "../provider.ts";

export const HISTORICAL_COST = "/api/v2/usage/historical_cost";
export const ESTIMATED_COST = "/api/v2/usage/estimated_cost";
export const PROJECTED_COST = "/api/v2/usage/projected_cost";
export const BILLING_DIMENSIONS = "/api/v2/usage/billing_dimension_mapping";

export type CostSource = "historical_cost" | "estimated_cost";

/** One organization's month, as historical_cost and estimated_cost answer it. */
export interface CostByOrg {
  /** The whole entry, untouched. */
  item: Json;
  /** Opaque; the same for the same content. */
  id: string | undefined;
  attributes: Json;
  /** `YYYY-MM`: the instant in `date` may be any of the month, even its last day. */
  month: string;
  date: string;
  orgId: string;
  accountId: string | undefined;
  /** What the month is made up of, as it was sent. */
  charges: readonly unknown[];
}

export function connect(account: Account): Connection {
  const site = account.settings["site"] ?? DEFAULT_DATADOG_SITE;
  const { api_key, application_key } = account.credentials;
  return {
    baseUrl: account.baseUrl ?? `https://api.${site}`,
    provider: account.provider,
    account: account.id,
    credentials: Object.values(account.credentials),
    headers: () => ({
      accept: "application/json;datetime-format=rfc3339",
      "dd-api-key": api_key?.reveal() ?? "",
      "dd-application-key": application_key?.reveal() ?? "",
    }),
    errorText,
    refusal: (status, words) => refusal(status, words, site),
    requestIdHeader: "dd-request-id",
    rateHeaders: { waitBy: "reset" },
    // Not published for usage metering: what OpenCost saw, until the headers say otherwise.
    limit: () => ({ name: "Datadog's limit", rate: { calls: 10, seconds: 30 } }),
    concurrency: 2,
  };
}

/** Two shapes: `{"errors": ["..."]}`, and JSON:API objects under application/vnd.api+json. */
function errorText(body: unknown): string | undefined {
  const errors = isObject(body) ? body["errors"] : undefined;
  if (!Array.isArray(errors)) return undefined;
  const words = errors.map((error: unknown) =>
    isObject(error) ? (text(error["detail"]) ?? text(error["title"])) : text(error),
  );
  return words.filter((word) => word !== undefined).join("; ") || undefined;
}

function refusal(status: number, words: string, site: string): Refusal | undefined {
  // The keys of a child organization are told so by 400, not 403.
  if (status === 400 && /non-parent org/i.test(words)) {
    return {
      kind: "credentials",
      advice: "Cost is answered to the parent (root) organization's keys only: make both keys there.",
    };
  }
  if (status === 401 || status === 403) {
    return {
      kind: "credentials",
      advice: `Check that both keys are the parent organization's, made on this site (${site}; keys work on one site only), and that the application key has usage_read and billing_read (Organization Settings > Application Keys). Organizations billed through a marketplace get no cost here.`,
    };
  }
  return undefined;
}

export function readCosts(body: unknown, source: CostSource): CostByOrg[] {
  const envelope = object(body, "Datadog", source);
  return requiredList(envelope["data"], "Datadog", `${source}.data`).map((entry) => readCost(entry, source));
}

function readCost(entry: unknown, source: CostSource): CostByOrg {
  const item = object(entry, "Datadog", `${source}.data[]`);
  const attributes = object(item["attributes"], "Datadog", `${source}.data[].attributes`);
  const own = (name: string) => optionalText(attributes[name], "Datadog", `${source}.data[].attributes.${name}`);
  const date = requiredText(attributes["date"], "Datadog", `${source}.data[].attributes.date`);
  const accountId = own("account_public_id");
  const orgId = own("public_id") ?? accountId ?? own("org_name");
  return {
    item,
    id: optionalText(item["id"], "Datadog", `${source}.data[].id`),
    attributes,
    month: monthOf(date, source),
    date,
    orgId: requiredText(orgId, "Datadog", `${source}.data[].attributes.public_id`),
    accountId,
    charges: chargesIn(attributes, source),
  };
}

/** A month that comes to nothing, as it says, need not list what it is made up of; any other must. */
function chargesIn(attributes: Json, source: CostSource): readonly unknown[] {
  const field = `${source}.data[].attributes.charges`;
  const sent = attributes["charges"];
  if (Array.isArray(sent) && sent.length > 0) return sent;
  const total = amount(attributes["total_cost"], "Datadog", `${source}.data[].attributes.total_cost`);
  if (total?.isZero()) return list(sent, "Datadog", field);
  const charges = requiredList(sent, "Datadog", field);
  if (total) throw drift("Datadog", field, `what makes up the ${total.toString()} of total_cost`, "nothing");
  return charges;
}

/** A date that can't be read is an error: which of several running totals is the last could not be told. */
function monthOf(date: string, source: CostSource): string {
  const month = Number.isNaN(Date.parse(date)) ? undefined : /^\d{4}-(?:0[1-9]|1[0-2])/.exec(date)?.[0];
  return requiredText(month, "Datadog", `${source}.data[].attributes.date (${date.slice(0, 20)})`);
}

/** Product ids to the labels that Datadog's own pages show. */
export function readLabels(body: unknown): Directory {
  const labels = new Map<string, Named>();
  for (const entry of requiredList(
    object(body, "Datadog", "billing_dimension_mapping")["data"],
    "Datadog",
    "billing_dimension_mapping.data",
  )) {
    if (!isObject(entry) || !isObject(entry["attributes"])) continue;
    const [id, label] = [text(entry["id"]), text(entry["attributes"]["in_app_label"])];
    if (id && label) labels.set(id, { name: label });
  }
  return labels;
}
