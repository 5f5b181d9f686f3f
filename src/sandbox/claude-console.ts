import { dayText, weekday } from "./calendar.ts";
import type { Member } from "./claude-estate.ts";
import { ENGINEERS, MEMBERS, MODELS, ORGANIZATION_ID } from "./claude-estate.ts";
import type { Group, Range, Width } from "./claude-groups.ts";
import { byMetric, centsText, DAY, groupsOf, usageOf, WIDTH_NAMES, WIDTHS } from "./claude-groups.ts";
import type { Dimension } from "./claude-ledger.ts";
import { COMPONENTS, consoleFactsOf, total } from "./claude-ledger.ts";
import type { Call } from "./claude-query.ts";
import {
  allow,
  choiceOf,
  choicesOf,
  cursorTo,
  dayAsked,
  instantAsked,
  instantText,
  invalid,
  limitOf,
  listOf,
  offsetOf,
} from "./claude-query.ts";
import { HISTORY_START, hash } from "./volume.ts";

/** The platform's reports are minutes behind; Claude Code's an hour. */
const LAG = 5 * 60_000;
const HISTORY_START_MS = HISTORY_START * DAY;

const BUCKETS_A_PAGE: Readonly<Record<Width, readonly [usual: number, most: number]>> = {
  "1d": [7, 31],
  "1h": [24, 168],
  "1m": [60, 1_440],
};

const DIMENSIONS = [
  "account_id",
  "api_key_id",
  "context_window",
  "inference_geo",
  "model",
  "service_tier",
  "speed",
  "workspace_id",
] as const satisfies readonly Dimension[];
/** `context_window` is the singular here, unlike the analytics' own. */
const FILTERS: Readonly<Record<string, Dimension>> = {
  account_ids: "account_id",
  api_key_ids: "api_key_id",
  context_window: "context_window",
  inference_geos: "inference_geo",
  models: "model",
  service_tiers: "service_tier",
  speeds: "speed",
  workspace_ids: "workspace_id",
};

/** @see https://platform.claude.com/docs/en/api/admin/usage_report/retrieve_messages */
export function consoleUsage(call: Call): unknown {
  const { query } = call;
  allow(
    query,
    ["starting_at", "ending_at", "bucket_width"],
    ["group_by", "service_account_ids", ...Object.keys(FILTERS)],
  );
  const width = choiceOf(query, "bucket_width", WIDTH_NAMES) ?? "1d";
  const asked = new Set<string>(choicesOf(query, "group_by", [...DIMENSIONS, "service_account_id"]));
  const wanted = Object.entries(FILTERS).flatMap(([parameter, dimension]) => {
    const values = listOf(query, parameter);
    return values.length === 0 ? [] : [{ dimension, values: new Set<string | null>(values) }];
  });
  const dimensions = DIMENSIONS.filter((name) => asked.has(name));
  const none = listOf(query, "service_account_ids").length > 0;
  return bucketed(
    call,
    width,
    (range) =>
      groupsOf(
        consoleFactsOf,
        (fact) => !none && wanted.every(({ dimension, values }) => values.has(fact.dimensions[dimension])),
        range,
        { dimensions, width: WIDTHS[width] },
      ),
    (group) => {
      const { requests: _, ...usage } = usageOf(group);
      const values = Object.fromEntries(DIMENSIONS.map((name) => [name, group.values[name] ?? null]));
      const { speed, ...always } = values;
      return [{ ...usage, ...always, ...(asked.has("speed") ? { speed } : {}), service_account_id: null }];
    },
  );
}

/** @see https://platform.claude.com/docs/en/api/admin/cost_report */
export function consoleCost(call: Call): unknown {
  const { query } = call;
  allow(query, ["starting_at", "ending_at", "bucket_width"], ["group_by"]);
  choiceOf(query, "bucket_width", ["1d"]);
  const asked = choicesOf(query, "group_by", ["description", "workspace_id"]);
  const described = asked.includes("description");
  const dimensions: Dimension[] = [
    ...(asked.includes("workspace_id") ? (["workspace_id"] as const) : []),
    ...(described ? (["model", "context_window", "inference_geo", "service_tier"] as const) : []),
  ];
  return bucketed(
    call,
    "1d",
    (range) => groupsOf(consoleFactsOf, () => true, range, { dimensions, width: DAY }),
    (group) => (described ? describedCosts(group) : [costRow(group, total(group.net), null, null, null)]),
  );
}

const TOKEN_LABELS = ["Input Tokens", "Output Tokens", "Input Tokens, Cache Hit", "Input Tokens, Cache Write"];

function describedCosts(group: Group) {
  const model = MODELS.find(({ id }) => id === group.values["model"])?.label ?? "Claude";
  const batch = group.values["service_tier"] === "batch" ? " - Batch" : "";
  return COMPONENTS.flatMap(({ cost_type, token_type }, i) => {
    const amount = group.net[i] ?? 0;
    const description = `${model} Usage${batch} - ${TOKEN_LABELS[Math.min(i, 3)]}`;
    return amount === 0 ? [] : [costRow(group, amount, cost_type, token_type, description)];
  });
}

function costRow(
  { values }: Group,
  amount: number,
  cost_type: string | null,
  token_type: string | null,
  description: string | null,
) {
  return {
    amount: centsText(amount).replace(/\.?0+$/, ""),
    currency: "USD",
    description,
    cost_type,
    token_type,
    model: values["model"] ?? null,
    context_window: values["context_window"] ?? null,
    inference_geo: values["inference_geo"] ?? null,
    service_tier: values["service_tier"] ?? null,
    workspace_id: values["workspace_id"] ?? null,
  };
}

function bucketed(
  call: Call,
  width: Width,
  groups: (range: Range) => Group[],
  rows: (group: Group) => readonly unknown[],
): unknown {
  const ms = WIDTHS[width];
  const { from, to } = rangeOf(call, ms);
  const limit = limitOf(call.query, ...BUCKETS_A_PAGE[width]);
  const start = from + offsetOf(call) * ms;
  const end = Math.min(start + limit * ms, to);
  const found = groups({
    from: Math.max(start, HISTORY_START_MS),
    to: Math.min(end, call.now.getTime() - LAG),
  }).sort(byMetric("amount"));
  const data: unknown[] = [];
  for (let at = start; at < end; at += ms) {
    data.push({
      starting_at: instantText(at),
      ending_at: instantText(at + ms),
      results: found.filter(({ bucket }) => bucket === at).flatMap(rows),
    });
  }
  return { data, has_more: end < to, next_page: end < to ? cursorTo(call, (end - from) / ms) : null };
}

/** Snapped to whole buckets. */
function rangeOf({ query, now }: Call, ms: number): Range {
  const start = instantAsked(query, "starting_at");
  if (start === undefined) throw invalid("starting_at: Field required");
  const end = instantAsked(query, "ending_at") ?? now.getTime();
  if (end <= start) throw invalid("ending_at: must be after starting_at");
  return { from: Math.floor(start / ms) * ms, to: Math.ceil(end / ms) * ms };
}

const TERMINALS = ["iTerm.app", "vscode", "ghostty"] as const;

/**
 * Those who try Claude Code with the platform's keys, a row for each terminal.
 * @see https://docs.claude.com/en/api/admin-api/claude-code/get-claude-code-usage-report
 */
export function claudeCodeUsage(call: Call): unknown {
  const { query, now } = call;
  allow(query, ["starting_at"], []);
  const day = dayAsked(query, "starting_at");
  if (day === undefined) throw invalid("starting_at: Field required");
  const limit = limitOf(query, 20, 1_000);
  const offset = offsetOf(call);
  const known = day >= HISTORY_START && (day + 1) * DAY <= now.getTime();
  const rows = known ? MEMBERS.flatMap((member) => terminalRows(member, day)) : [];
  const more = offset + limit < rows.length;
  return {
    data: rows.slice(offset, offset + limit),
    has_more: more,
    next_page: more ? cursorTo(call, offset + limit) : null,
  };
}

function terminalRows(member: Member, day: number): unknown[] {
  const text = dayText(day);
  const there = member.joined <= text && (member.left === undefined || text < member.left);
  const tries = hash(`claude console code ${member.key}`) % 4 === 0 && ENGINEERS.includes(member.team);
  if (!there || !tries || member.email === null || weekday(day) % 6 === 0) return [];
  return TERMINALS.filter((terminal) => hash(`${member.key} ${terminal} ${day}`) % 3 === 0).map((terminal) => {
    const grain = hash(`${member.key} ${terminal} tokens ${day}`);
    const model = MODELS[grain % MODELS.length] ?? { id: "claude-sonnet-5", input: 300, output: 1_500 };
    const [input, output] = [20_000 + (grain % 60_000), 4_000 + (grain % 17_000)];
    return {
      date: `${text}T00:00:00Z`,
      actor: { type: "user_actor", email_address: member.email },
      organization_id: ORGANIZATION_ID,
      customer_type: "api",
      subscription_type: null,
      terminal_type: terminal,
      core_metrics: {
        num_sessions: 1 + (grain % 4),
        lines_of_code: { added: grain % 400, removed: grain % 150 },
        commits_by_claude_code: grain % 4,
        pull_requests_by_claude_code: grain % 2,
      },
      tool_actions: {
        edit_tool: { accepted: grain % 27, rejected: grain % 3 },
        multi_edit_tool: { accepted: 0, rejected: 0 },
        notebook_edit_tool: { accepted: grain % 3, rejected: 0 },
        write_tool: { accepted: grain % 9, rejected: 0 },
      },
      model_breakdown: [
        {
          model: model.id,
          tokens: { input, output, cache_read: input * 4, cache_creation: Math.floor(input / 8) },
          // A number of whole cents, alone among the money here.
          estimated_cost: {
            amount: Math.round((input * model.input * 1.55 + output * model.output) / 1_000_000),
            currency: "USD",
          },
        },
      ],
    };
  });
}
