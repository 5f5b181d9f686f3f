/** A person's day with Claude Code, in one terminal -> a row of what was done, and one for each model with its tokens. */
import { isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { amount, count, isObject, type Json, list, object, requiredAmount, text } from "../../fields.ts";
import type { Entry } from "../../provider.ts";
import { estimate, rowId, span } from "../map.ts";
import { dayBounds } from "../positions.ts";
import { productFields } from "../products.ts";
import { requiredInstant, VENDOR } from "../wire.ts";

const NAME = "claude_code.data[]";

export function claudeCodeEntry(item: Json, asked: string): Entry {
  const { start, end } = dayBounds(isoDay(requiredInstant(item["date"] ?? asked, `${NAME}.date`)));
  const actor = object(item["actor"], VENDOR, `${NAME}.actor`);
  const [email, key] = [text(actor["email_address"]) ?? text(actor["email"]), text(actor["api_key_name"])];
  const organization = text(item["organization_id"]);
  const places = [item["terminal_type"], item["customer_type"], item["subscription_type"]].map(
    (place) => place ?? null,
  );
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
  const models = list(item["model_breakdown"], VENDOR, `${NAME}.model_breakdown`).map((model) =>
    object(model, VENDOR, `${NAME}.model_breakdown[]`),
  );
  const rows = [
    { ...common(null), metric_name: "activity", usage: activity(item, models.length > 0) },
    ...models.map((model) => ({ ...common(text(model["model"]) ?? ""), ...modelUsage(model) })),
  ];
  return { item, rows };
}

function activity(item: Json, usedModels: boolean): NonNullable<Usage["usage"]> {
  const core = object(item["core_metrics"], VENDOR, `${NAME}.core_metrics`);
  const lines = isObject(core["lines_of_code"]) ? core["lines_of_code"] : {};
  const actions = isObject(item["tool_actions"]) ? item["tool_actions"] : {};
  const perTool = Object.values(actions).filter(isObject);
  const code: Record<string, unknown> = {};
  const put = (name: string, value: number | undefined) => {
    if (value !== undefined) code[name] = value;
  };
  put("commits", number(core, "commits_by_claude_code"));
  put("pull_requests", number(core, "pull_requests_by_claude_code"));
  put("lines_added", number(lines, "added"));
  put("lines_removed", number(lines, "removed"));
  if (perTool.length > 0) {
    put("accepts", sum(perTool, "accepted"));
    put("rejects", sum(perTool, "rejected"));
    code["tool_actions"] = actions;
  }
  const sessions = number(core, "num_sessions");
  const busy = [...Object.values(code), sessions].some((value) => typeof value === "number" && value > 0);
  return {
    activity: { is_active: busy || usedModels },
    ...(Object.keys(code).length > 0 ? { code } : {}),
    ...(sessions === undefined ? {} : { sessions: { distinct: sessions } }),
  };
}

/** Tokens of a model. `cache_creation` is one number here; the cost is an estimate, a number in cents. */
function modelUsage(item: Json): Pick<Usage, "metric_name" | "model" | "usage" | "unit" | "charges"> {
  const name = `${NAME}.model_breakdown[]`;
  const tokens = object(item["tokens"], VENDOR, `${name}.tokens`);
  const of = (field: string) => requiredAmount(tokens[field], VENDOR, `${name}.tokens.${field}`);
  const [input, output, read, write] = [of("input"), of("output"), of("cache_read"), of("cache_creation")];
  const total = input.plus(output).plus(read).plus(write).toNumber();
  const model = text(item["model"]);
  const cost = isObject(item["estimated_cost"]) ? item["estimated_cost"] : {};
  return {
    metric_name: "tokens",
    ...(model ? { model: { id: model, provider: "anthropic" } } : {}),
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
    ...estimate(amount(cost["amount"], VENDOR, `${name}.estimated_cost.amount`), text(cost["currency"])),
  };
}

function number(item: Json, field: string): number | undefined {
  return count(item[field], VENDOR, `${NAME}.${field}`);
}

function sum(items: readonly Json[], field: string): number {
  return items.reduce((sum, item) => sum + (number(item, field) ?? 0), 0);
}
