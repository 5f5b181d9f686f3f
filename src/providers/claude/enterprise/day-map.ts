/** A day's use of a project, a skill or a connector -> a row. People's is in activity-map.ts. */
import type { Amount } from "../../../usage/money.ts";
import { isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { amount, count, type Json, optionalText, requiredAmount, requiredText } from "../../fields.ts";
import { blocksIn, inside, numbers, OFFICE, total } from "../blocks.ts";
import { estimate, groupIdentity, rowId, span } from "../map.ts";
import { productFields } from "../products.ts";
import { VENDOR } from "../wire.ts";
import type { DayReport } from "./wire.ts";

/** What all rows of an answer have in common. Answers do not say of which day they are. */
export interface DayContext {
  report: DayReport;
  /** The day, in milliseconds, half-open. */
  start: number;
  end: number;
  groups: readonly string[];
  /** What it was filtered by that the rows do not show. */
  narrowed: readonly string[];
  /** A person's products must be told apart. */
  bySurface: boolean;
}

/** What is used: a project, a skill, a connector. */
export type EntityReport = Exclude<DayReport, "activity">;

export function entityRow(item: Json, context: DayContext, report: EntityReport): Usage {
  const { start, end, groups, narrowed } = context;
  const kind = { project_usage: "project", skill_usage: "skill", connector_usage: "connector" }[report];
  const key = report === "project_usage" ? "project_id" : `${kind}_name`;
  const id = requiredText(item[key], VENDOR, `${report}.${key}`);
  const text = (field: string) => optionalText(item[field], VENDOR, `${report}.${field}`);
  const name = report === "project_usage" ? text("project_name") : (text(`${kind}_display_name`) ?? id);
  const user = text("user_id");
  const created = report === "project_usage" ? text("created_at") : undefined;
  return {
    id: rowId(report, isoDay(start), id, groupIdentity(item, groups, report), ...narrowed),
    ...span(start, end),
    metric_name: report,
    ...productFields(report === "project_usage" ? "chat" : text("product")),
    resources: [{ id, ...(name ? { name } : {}) }],
    // Who uses it; whoever created a project is in remote_data only.
    ...(user ? { user: { id: user } } : {}),
    ...MEASURES[report](item, context),
    ...(created ? { created_at: created } : {}),
    remote_data: item,
  };
}

type Measured = Pick<Usage, "usage" | "unit" | "charges">;
const MEASURES: Readonly<Record<EntityReport, (item: Json, context: DayContext) => Measured>> = {
  project_usage: (item, context) => {
    const distinct = count(item["distinct_conversation_count"], VENDOR, "project_usage.distinct_conversation_count");
    const messages = requiredAmount(item["message_count"], VENDOR, "project_usage.message_count").toNumber();
    return withPeople(item, context, {
      conversations: { ...(distinct === undefined ? {} : { distinct }), message_count: messages },
    });
  },

  skill_usage: (item, context) => {
    const invocations = count(item["invocation_count"], VENDOR, "skill_usage.invocation_count");
    const spent = money(item, "estimated_overage_spend");
    const used = uses(item, "distinct_conversation_skill_used_count", "distinct_session_skill_used_count");
    const tools = numbers({ skills_used_count: invocations });
    const usage = { ...used, ...(tools ? { tools } : {}) };
    return {
      ...(invocations === undefined
        ? withPeople(item, context, usage)
        : { usage: { ...usage, quantity: invocations }, unit: "invocation" }),
      ...estimate(spent, item["currency"], "skill_usage.currency"),
    };
  },

  connector_usage: (item, context) => {
    const calls = (["read_call_count", "write_call_count", "unclassified_call_count"] as const)
      .map((field) => count(item[field], VENDOR, `connector_usage.${field}`))
      .filter((calls) => calls !== undefined);
    const tools = calls.length > 0 ? { tools: { action_count: calls.reduce((a, b) => a + b) } } : {};
    const used = uses(item, "distinct_conversation_connector_used_count", "distinct_session_connector_used_count");
    return withPeople(item, context, { ...used, ...tools });
  },
};

/** How many people used it, as the row's quantity. Distinct people are not added where rows are: their unit says so. */
function withPeople(item: Json, { report }: DayContext, usage: NonNullable<Usage["usage"]>): Measured {
  const people = requiredAmount(item["distinct_user_count"], VENDOR, `${report}.distinct_user_count`);
  return { usage: { ...usage, quantity: people.toNumber() }, unit: "user" };
}

/** Conversations (chat) and sessions (everything else) in which it was used. Each is counted in one place only. */
function uses(
  item: Json,
  conversation: string,
  session: string,
): Pick<NonNullable<Usage["usage"]>, "conversations" | "sessions"> {
  const unified = inside(item, "chat_cowork_unified_metrics");
  const distinctConversations = total([inside(item, "chat_metrics"), inside(unified, "chat")], conversation);
  const distinctSessions = total(
    [
      inside(item, "claude_code_metrics"),
      inside(item, "cowork_metrics"),
      inside(unified, "sessions"),
      ...blocksIn(inside(item, "office_metrics"), "office_metrics", OFFICE),
    ],
    session,
  );
  return {
    ...(distinctConversations === undefined ? {} : { conversations: { distinct: distinctConversations } }),
    ...(distinctSessions === undefined ? {} : { sessions: { distinct: distinctSessions } }),
  };
}

function money(item: Json, field: string): Amount | undefined {
  return amount(item[field], VENDOR, `skill_usage.${field}`);
}
