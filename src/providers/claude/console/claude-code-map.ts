/** A person's day with Claude Code, in one terminal -> a row of what was done, and one for each model with its tokens. */
import { isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { drift, type Json, object, optionalText, requiredAmount, requiredText } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { blocksIn, isCounted, TOOLS } from "../blocks.ts";
import { emailOf, estimate, rowId, span } from "../map.ts";
import { dayBounds } from "../positions.ts";
import { productFields } from "../products.ts";
import { objects, requiredInstant, VENDOR } from "../wire.ts";

const NAME = "claude_code.data[]";

export function claudeCodeEntry(item: Json, asked: string): Entry {
  const { start, end } = dayBounds(isoDay(requiredInstant(item["date"] ?? asked, `${NAME}.date`)));
  const actor = object(item["actor"], VENDOR, `${NAME}.actor`);
  const [email, key] = [emailOf(actor), optionalText(actor["api_key_name"], VENDOR, `${NAME}.actor.api_key_name`)];
  if (!email && !key) throw drift(VENDOR, `${NAME}.actor.email_address`, "text", actor["email_address"]);
  const told = (field: string) => optionalText(item[field], VENDOR, `${NAME}.${field}`);
  const organization = told("organization_id");
  const places = ["terminal_type", "customer_type", "subscription_type"].map((field) => told(field) ?? null);
  const common = (model: string | null) => ({
    id: rowId("console/claude_code", isoDay(start), email ?? null, key ?? null, places, model),
    ...span(start, end),
    ...productFields("claude_code"),
    ...(email ? { user: { email } } : {}),
    ...(organization ? { organization: { id: organization } } : {}),
    // A key that acts by itself is no person.
    ...(key ? { resources: [{ name: key }] } : {}),
    remote_data: item,
  });
  const models = objects(item["model_breakdown"], `${NAME}.model_breakdown`);
  const rows = [
    { ...common(null), metric_name: "activity", usage: activity(item, models.length > 0) },
    ...models.map((model) => ({ ...common(modelOf(model)), ...modelUsage(model) })),
  ];
  return { item, rows };
}

function activity(item: Json, usedModels: boolean): NonNullable<Usage["usage"]> {
  const core = object(item["core_metrics"], VENDOR, `${NAME}.core_metrics`);
  const lines = object(core["lines_of_code"], VENDOR, `${NAME}.core_metrics.lines_of_code`);
  const actions = object(item["tool_actions"], VENDOR, `${NAME}.tool_actions`);
  const perTool = blocksIn(actions, `${NAME}.tool_actions`, TOOLS).filter((tool) =>
    isCounted(tool, "accepted", "rejected"),
  );
  const sum = (field: string) =>
    perTool.map((counts) => number(counts, "tool_actions[]", field)).reduce((a, b) => a + b, 0);
  const counted = {
    commits: number(core, "core_metrics", "commits_by_claude_code"),
    pull_requests: number(core, "core_metrics", "pull_requests_by_claude_code"),
    lines_added: number(lines, "core_metrics.lines_of_code", "added"),
    lines_removed: number(lines, "core_metrics.lines_of_code", "removed"),
    ...(perTool.length > 0 ? { accepts: sum("accepted"), rejects: sum("rejected") } : {}),
  };
  const sessions = number(core, "core_metrics", "num_sessions");
  const busy = [...Object.values(counted), sessions].some((value) => value > 0);
  return {
    activity: { is_active: busy || usedModels },
    code: { ...counted, ...(perTool.length > 0 ? { tool_actions: actions } : {}) },
    sessions: { distinct: sessions },
  };
}

function modelOf(item: Json): string {
  return requiredText(item["model"], VENDOR, `${NAME}.model_breakdown[].model`);
}

/** Tokens of a model. `cache_creation` is one number here; the cost is an estimate, a number in cents. */
function modelUsage(item: Json): Pick<Usage, "metric_name" | "model" | "usage" | "unit" | "charges"> {
  const name = `${NAME}.model_breakdown[]`;
  const tokens = object(item["tokens"], VENDOR, `${name}.tokens`);
  const of = (field: string) => requiredAmount(tokens[field], VENDOR, `${name}.tokens.${field}`);
  const [input, output, read, write] = [of("input"), of("output"), of("cache_read"), of("cache_creation")];
  const total = input.plus(output).plus(read).plus(write).toNumber();
  const field = `${name}.estimated_cost`;
  const { amount, currency } = object(item["estimated_cost"], VENDOR, field);
  return {
    metric_name: "tokens",
    model: { id: modelOf(item), provider: "anthropic" },
    usage: {
      quantity: total,
      tokens: {
        input: input.toNumber(),
        output: output.toNumber(),
        cache_read: read.toNumber(),
        cache_write: write.toNumber(),
        total,
      },
    },
    unit: "token",
    ...estimate(requiredAmount(amount, VENDOR, `${field}.amount`), currency, `${field}.currency`),
  };
}

function number(item: Json, where: string, field: string): number {
  return requiredAmount(item[field], VENDOR, `${NAME}.${where}.${field}`).toNumber();
}
