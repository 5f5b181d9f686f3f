/** A person's day -> one row, or one for each product, where those must be told apart. */
import { isoDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { count, drift, type Json, object, optionalText, requiredAmount } from "../../fields.ts";
import { blocksIn, inside, isCounted, numbers, OFFICE, TOOLS, total } from "../blocks.ts";
import { emailOf, groupIdentity, rowId, span } from "../map.ts";
import { productFields } from "../products.ts";
import { VENDOR } from "../wire.ts";
import type { DayContext } from "./day-map.ts";

/**
 * A person's counters by product. Who has "Chat and Cowork unified" turned on is counted there instead of in chat and
 * cowork: its two halves are added to those.
 */
interface Blocks {
  chat: Json[];
  claude_code: Json[];
  cowork: Json[];
  office_agent: Json[];
  claude_design: Json[];
  science: Json[];
  claude_tag: Json[];
}

function blocksOf(item: Json): Blocks {
  const unified = inside(item, "chat_cowork_unified_metrics");
  return {
    chat: [inside(item, "chat_metrics"), inside(unified, "chat")],
    claude_code: [inside(item, "claude_code_metrics")],
    cowork: [inside(item, "cowork_metrics"), inside(unified, "sessions")],
    office_agent: blocksIn(inside(item, "office_metrics"), "office_metrics", OFFICE),
    claude_design: [inside(item, "design_metrics")],
    science: [inside(item, "science_metrics")],
    claude_tag: [inside(item, "claude_tag_metrics")],
  };
}

const NONE: Blocks = {
  chat: [],
  claude_code: [],
  cowork: [],
  office_agent: [],
  claude_design: [],
  science: [],
  claude_tag: [],
};

export function activityRows(item: Json, { start, end, groups, narrowed, bySurface }: DayContext): Usage[] {
  const user = userOf(item);
  const [id, email] = [user && optionalText(user["id"], VENDOR, "activity.user.id"), user && emailOf(user)];
  // A row of a group of people names none of them; any other does.
  if (!id && !email && groups.length === 0) throw drift(VENDOR, "activity.user.id", "text", user?.["id"]);
  const blocks = blocksOf(item);
  const searches = count(item["web_search_count"], VENDOR, "activity.web_search_count");
  const row = (own: Blocks, webSearches: number | undefined, product?: string): Usage => ({
    id: rowId(
      "activity",
      isoDay(start),
      id ?? email ?? null,
      groupIdentity(item, groups, "activity"),
      product ?? null,
      ...narrowed,
    ),
    ...span(start, end),
    metric_name: "activity",
    ...productFields(product),
    ...(id || email ? { user: { ...(id ? { id } : {}), ...(email ? { email } : {}) } } : {}),
    usage: measured(own, webSearches),
    remote_data: item,
  });
  if (!bySurface) return [row(blocks, searches)];
  const rows = Object.entries(blocks)
    .filter(([, own]) => isActive(own))
    .map(([product, own]) => row({ ...NONE, [product]: own }, undefined, product));
  // Searches are counted over all products.
  if (searches || rows.length === 0) rows.push(row(NONE, searches));
  return rows;
}

function measured(blocks: Blocks, webSearches: number | undefined): NonNullable<Usage["usage"]> {
  const { chat, cowork, office_agent, claude_code, claude_design, science } = blocks;
  const core = claude_code.map((block) => inside(block, "core_metrics"));
  const lines = core.map((block) => inside(block, "lines_of_code"));
  const actions = claude_code.map((block) => inside(block, "tool_actions"));
  const perTool = actions
    .flatMap((tools) => blocksIn(tools, "tool_actions", TOOLS))
    .filter((tool) => isCounted(tool, "accepted_count", "rejected_count"));
  const conversations = numbers({
    distinct: total(chat, "distinct_conversation_count"),
    message_count: total(chat, "message_count"),
    thinking_message_count: total(chat, "thinking_message_count"),
    shared_viewed_count: total(chat, "shared_conversations_viewed_count"),
  });
  const code = numbers({
    commits: total(core, "commit_count"),
    pull_requests: total(core, "pull_request_count"),
    lines_added: total(lines, "added_count"),
    lines_removed: total(lines, "removed_count"),
    accepts: sum(perTool, "accepted_count"),
    rejects: sum(perTool, "rejected_count"),
  });
  const toolActions = actions.find((tools) => Object.keys(tools).length > 0);
  const sessions = numbers({
    distinct: total([...core, ...cowork, ...office_agent, ...claude_design, ...science], "distinct_session_count"),
    dispatch_turns: total(cowork, "dispatch_turn_count"),
  });
  const tools = numbers({
    web_search_count: webSearches,
    action_count: total(cowork, "action_count"),
    connectors_used_count: total([...chat, ...cowork, ...office_agent], "connectors_used_count"),
    skills_used_count: total([...cowork, ...office_agent, ...science], "skills_used_count"),
    distinct_connectors_used_count: onlyOne([...chat, ...cowork, ...office_agent], "distinct_connectors_used_count"),
    distinct_skills_used_count: onlyOne([...chat, ...cowork, ...office_agent], "distinct_skills_used_count"),
  });
  return {
    activity: { is_active: isActive(blocks) || (webSearches ?? 0) > 0 },
    ...(conversations ? { conversations } : {}),
    ...(code || toolActions ? { code: { ...code, ...(toolActions ? { tool_actions: { ...toolActions } } : {}) } } : {}),
    ...(sessions ? { sessions } : {}),
    ...(tools ? { tools } : {}),
  };
}

/** Of every tool: without one of them it would be a smaller number. */
function sum(tools: readonly Json[], field: string): number | undefined {
  const counts = tools.map((tool) => requiredAmount(tool[field], VENDOR, `tool_actions.${field}`).toNumber());
  return counts.length > 0 ? counts.reduce((a, b) => a + b) : undefined;
}

/** A distinct count, where one place alone has any: those of several may be the same and can't be added. */
function onlyOne(blocks: readonly Json[], field: string): number | undefined {
  const found = blocks.map((block) => count(block[field], VENDOR, field)).filter((value) => value !== undefined);
  const some = found.filter((value) => value > 0);
  return some.length > 1 ? undefined : (some[0] ?? found[0]);
}

/** Any counter above zero. Their names end in `_count`; what else there may be says nothing of use. */
function isActive(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, within]) =>
    name.endsWith("_count") ? (count(within, VENDOR, name) ?? 0) > 0 : isActive(within),
  );
}

function userOf({ user }: Json): Json | undefined {
  return user === null || user === undefined ? undefined : object(user, VENDOR, "activity.user");
}
