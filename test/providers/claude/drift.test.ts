import { describe, expect, it } from "vitest";
import { claude } from "../../../src/providers/claude/adapter.ts";
import type { Query } from "../../../src/usage/query.ts";
import { describeDrift, type Kind } from "../drift.ts";
import { engineOf, failure, guardTheEdge, type Item, json, list, NOW, payload } from "../edge.ts";
import { fieldKinds } from "../field-kinds.ts";
import {
  accountOf,
  asked,
  bucket,
  CONSOLE,
  cents,
  ENTERPRISE,
  type Endpoint,
  HEADS,
  itemOf,
  page,
  rows,
  tokens,
  V2,
} from "./claude.ts";

guardTheEdge();

interface Case {
  /** A stored payload, or what the contract's types make up where it has no example. */
  file: string | Record<string, unknown>;
  account?: unknown;
  query: Query;
  named: Record<string, Kind>;
}

const DAYS = { start_date: "2026-09-01", end_date: "2026-09-03" };
const DAY = { date: "2026-10-05" };

const ENVELOPE: Record<string, Kind> = { has_more: "flag~", data: "list!", "data[]": "object!" };
const REPORT: Record<string, Kind> = { ...ENVELOPE, data_refreshed_at: "day?", organization_id: "text~" };
const BUCKETS: Record<string, Kind> = {
  "data[].starting_at": "day!",
  "data[].ending_at": "day!",
  "*results": "list!",
  "*results[]": "object!",
};
/** Null where a row is not told apart by it, or is tied to none. */
const SUBJECT: Record<string, Kind> = { product: "text~", model: "text~" };
const MONEY: Record<string, Kind> = {
  amount: "number!",
  list_amount: "number!",
  currency: "text!",
  requests: "number?",
  cost_type: "text~",
  token_type: "text~",
};
const TOKENS: Record<string, Kind> = {
  uncached_input_tokens: "number!",
  output_tokens: "number!",
  cache_read_input_tokens: "number!",
  cache_creation: "object!",
  ephemeral_1h_input_tokens: "number!",
  ephemeral_5m_input_tokens: "number!",
  server_tool_use: "object!",
  web_search_requests: "number!",
};
/** Of people who left, names and e-mails may be gone. An e-mail stands in for an id, and the other way round. */
const ACTOR: Record<string, Kind> = {
  actor: "object!",
  "actor.user_id": "text~",
  "actor.name": "text?",
  "actor.email_address": "text~",
};
const BY_USER: Record<string, Kind> = { ...ACTOR, "data[].starting_at": "day!", "data[].ending_at": "day!" };
/** Absent where an organization lacks the product, or the rendering is an older one: unknown then, never zero. */
const COUNTERS: Record<string, Kind> = {
  "*_metrics": "object?",
  excel: "object?",
  outlook: "object?",
  powerpoint: "object?",
  word: "object?",
};

const CASES: (Case & { endpoint: Endpoint })[] = [
  {
    endpoint: "usage",
    file: "usage-report",
    query: { report_type: "usage", ...DAYS },
    named: { ...REPORT, ...BUCKETS, ...SUBJECT, ...TOKENS, requests: "number?" },
  },
  {
    endpoint: "user_usage",
    file: "user-usage-report",
    query: { report_type: "user_usage", ...DAYS },
    // Where no total is sent it is the sum of its parts.
    named: { ...REPORT, ...BY_USER, ...SUBJECT, ...TOKENS, requests: "number?", total_tokens: "number~" },
  },
  {
    endpoint: "messages",
    file: "console-messages",
    account: CONSOLE,
    query: { report_type: "usage", ...DAYS },
    named: {
      ...ENVELOPE,
      ...BUCKETS,
      ...TOKENS,
      model: "text~",
      account_id: "text~",
      service_account_id: "text?",
      api_key_id: "text~",
      workspace_id: "text~",
    },
  },
  {
    endpoint: "console_cost",
    file: "console-cost",
    account: CONSOLE,
    query: { report_type: "cost", ...DAYS },
    named: {
      ...ENVELOPE,
      ...BUCKETS,
      ...MONEY,
      model: "text~",
      workspace_id: "text~",
      description: "text~",
      context_window: "text~",
      inference_geo: "text~",
      service_tier: "text~",
    },
  },
  {
    endpoint: "claude_code",
    file: "console-claude-code",
    account: CONSOLE,
    query: { report_type: "activity", ...DAY },
    named: {
      ...ENVELOPE,
      actor: "object!",
      "actor.email_address": "text!",
      core_metrics: "object!",
      commits_by_claude_code: "number!",
      pull_requests_by_claude_code: "number!",
      num_sessions: "number!",
      lines_of_code: "object!",
      added: "number!",
      removed: "number!",
      customer_type: "text~",
      subscription_type: "text~",
      terminal_type: "text~",
      // The day that was asked for takes its place.
      date: "day~",
      organization_id: "text~",
      model_breakdown: "list!",
      "model_breakdown[]": "object!",
      model: "text!",
      estimated_cost: "object!",
      amount: "number!",
      currency: "text!",
      tokens: "object!",
      input: "number!",
      output: "number!",
      cache_read: "number!",
      cache_creation: "number!",
      tool_actions: "object!",
      edit_tool: "object?",
      multi_edit_tool: "object?",
      notebook_edit_tool: "object?",
      write_tool: "object?",
      accepted: "number!",
      rejected: "number!",
    },
  },
  {
    endpoint: "v2_usage",
    file: "v2-usage",
    account: V2,
    query: { report_type: "usage", ...DAYS, group_by: ["model", "product"] },
    named: {
      ...REPORT,
      ...TOKENS,
      "data[].starting_at": "day!",
      "data[].ending_at": "day!",
      group: "object!",
      "group.actor": "object?",
      "group.model": "nullable",
      "group.product": "nullable",
      usage: "object!",
      total_tokens: "number~",
      requests: "number?",
    },
  },
  {
    endpoint: "activity",
    file: "users",
    query: { report_type: "activity", ...DAY },
    named: {
      ...ENVELOPE,
      ...COUNTERS,
      user: "object!",
      "user.id": "text~",
      "user.email_address": "text~",
      accepted_count: "number!",
      rejected_count: "number!",
      edit_tool: "object?",
      multi_edit_tool: "object?",
      notebook_edit_tool: "object?",
      write_tool: "object?",
      core_metrics: "object?",
      lines_of_code: "object?",
      tool_actions: "object?",
      // How many people a row is of says nothing of what they did.
      distinct_user_count: "free",
      "*_count": "number?",
    },
  },
  {
    endpoint: "project_usage",
    file: "projects",
    query: { report_type: "project_usage", ...DAY },
    named: {
      ...ENVELOPE,
      project_id: "text!",
      project_name: "text?",
      distinct_user_count: "number!",
      message_count: "number!",
      distinct_conversation_count: "number?",
      created_at: "text?",
    },
  },
  {
    endpoint: "connector_usage",
    file: "connectors",
    query: { report_type: "connector_usage", ...DAY },
    named: {
      ...ENVELOPE,
      ...COUNTERS,
      connector_name: "text!",
      connector_display_name: "text?",
      product: "text~",
      user_id: "text~",
      "data[].distinct_user_count": "number!",
      individual_auth_distinct_user_count: "free",
      managed_auth_distinct_user_count: "free",
      "*_call_count": "number?",
      "*_used_count": "number?",
    },
  },
  {
    endpoint: "cost",
    file: "cost-report",
    query: { report_type: "cost", ...DAYS },
    named: { ...REPORT, ...BUCKETS, ...SUBJECT, ...MONEY },
  },
  {
    endpoint: "user_cost",
    file: "user-cost-report",
    query: { report_type: "user_cost", ...DAYS },
    named: { ...REPORT, ...BY_USER, ...SUBJECT, ...MONEY },
  },
  {
    endpoint: "v2_cost",
    file: {
      data: [
        {
          ...bucket("2026-09-01", []),
          group: {
            actor: { type: "user_actor", user_id: "user_1", email_address: "a@b.c", name: "Ann", deleted: false },
            cost_type: "tokens",
            token_type: null,
          },
          cost: cents("250.5", "300"),
        },
      ],
      data_refreshed_at: "2026-09-08T04:00:00Z",
    },
    account: V2,
    query: { report_type: "user_cost", ...DAYS, group_by: ["user", "charge_type"] },
    named: {
      ...REPORT,
      "data[].starting_at": "day!",
      "data[].ending_at": "day!",
      group: "object!",
      "group.actor": "nullable",
      "group.actor.type": "text!",
      "group.actor.user_id": "text!",
      "group.actor.email_address": "text?",
      "group.actor.name": "text?",
      "group.cost_type": "nullable",
      cost: "object!",
      ...MONEY,
    },
  },
  {
    endpoint: "skill_usage",
    file: "skills",
    query: { report_type: "skill_usage", ...DAY },
    named: {
      ...ENVELOPE,
      ...COUNTERS,
      skill_name: "text!",
      skill_display_name: "text?",
      product: "text~",
      user_id: "text~",
      estimated_overage_spend: "number?",
      currency: "text!",
      "data[].distinct_user_count": "free",
      // Where invocations are not counted, the people are the quantity.
      invocation_count: "number~",
      "*_used_count": "number?",
    },
  },
];

/** The documented answer, as the last page that there is. */
function bodyOf(file: Case["file"]): Record<string, unknown> {
  if (typeof file !== "string") return { ...file, has_more: false, next_page: null };
  const text = payload(`claude/${file}.json`)
    .replace('"amount": "amount"', '"amount": "41280.5"')
    .replace('"list_amount": "list_amount"', '"list_amount": "51600.25"')
    .replace('"estimated_overage_spend": "estimated_overage_spend"', '"estimated_overage_spend": "1250"');
  return { ...JSON.parse(text), has_more: false, next_page: null };
}

for (const { endpoint, file, account = ENTERPRISE, query, named } of CASES) {
  const body = bodyOf(file);
  describeDrift(endpoint, {
    body,
    fields: fieldKinds(body, named),
    ask(answer) {
      asked(endpoint, () => json(answer));
      return list(engineOf([account]), query);
    },
  });
}

describe("a page without a word of what follows", () => {
  it.each<[Endpoint, string, Query]>([
    ["usage", "usage-report", { report_type: "usage", ...DAYS }],
    ["user_cost", "user-cost-report", { report_type: "user_cost", ...DAYS }],
    ["cost", "cost-report", { report_type: "cost", ...DAYS }],
    ["user_cost", "user-cost-report", { report_type: "user_cost", ...DAYS }],
  ])("of %s is an error: rows would be missing", async (endpoint, file, query) => {
    const { has_more: _, next_page: __, ...rest } = bodyOf(file);
    asked(endpoint, () => json(rest));
    expect(String(await failure(rows(query)))).toContain("next_page");
    await refusedRetyped(endpoint, rest, query);
  });

  // These send next_page alone, and their older rendering may leave out what is null.
  it.each<[Endpoint, string, Query]>([
    ["activity", "users", { report_type: "activity", ...DAY }],
    ["project_usage", "projects", { report_type: "project_usage", ...DAY }],
    ["skill_usage", "skills", { report_type: "skill_usage", ...DAY }],
    ["connector_usage", "connectors", { report_type: "connector_usage", ...DAY }],
  ])(
    "of %s is the last where it is shorter than asked for, and an error where it is full",
    async (endpoint, file, query) => {
      const { has_more: _, next_page: __, ...rest } = bodyOf(file);
      const [item] = Object(rest["data"]);
      asked(endpoint, () => json(bodyOf(file)));
      const given = await rows(query);
      expect(given.length).toBeGreaterThan(0);
      asked(endpoint, () => json(rest));
      expect(await rows(query)).toEqual(given);

      asked(endpoint, ({ searchParams }) => json({ data: Array(Number(searchParams.get("limit"))).fill(item) }));
      expect(String(await failure(rows(query)))).toContain("next_page");
      asked(endpoint, () => json({ ...rest, has_more: true }));
      expect(String(await failure(rows(query)))).toContain("next_page");
      await refusedRetyped(endpoint, rest, query);
    },
  );

  async function refusedRetyped(endpoint: Endpoint, rest: Item, query: Query): Promise<void> {
    for (const next_page of [{}, [], true]) {
      asked(endpoint, () => json({ ...rest, next_page }));
      expect(String(await failure(rows(query)))).toContain("next_page");
    }
  }
});

describe("a tool of Claude Code whose counters are null", () => {
  it.each<[Endpoint, string, unknown, Query, readonly string[]]>([
    ["activity", "users", ENTERPRISE, { report_type: "activity", ...DAY }, ["accepted_count", "rejected_count"]],
    ["claude_code", "console-claude-code", CONSOLE, { report_type: "activity", ...DAY }, ["accepted", "rejected"]],
  ])("was not counted in %s: the others' sum is as without it", async (endpoint, file, account, query, fields) => {
    const body = bodyOf(file);
    const edited = (edit_tool: unknown) =>
      JSON.parse(JSON.stringify(body), (name, value) => (name === "edit_tool" ? edit_tool : value));
    const codeOf = async (answer: unknown) => {
      asked(endpoint, () => json(answer));
      const found = await rows(query, account);
      return found.map(({ usage }) => {
        const { tool_actions: _, ...code } = Object(Object(usage)["code"]);
        return code;
      });
    };
    const counting = (value: number | null) => edited(Object.fromEntries(fields.map((field) => [field, value])));
    const without = await codeOf(edited(undefined));
    expect(await codeOf(counting(5))).not.toEqual(without);
    expect(await codeOf(counting(null))).toEqual(without);
  });
});

describe("a day's summary", () => {
  const query: Query = { report_type: "summary", ...DAY };
  const given = {
    ...itemOf("summaries", "summaries"),
    starting_at: "2026-10-05T00:00:00Z",
    ending_at: "2026-10-06T00:00:00Z",
  };
  const read = (item: unknown) => {
    asked("summary", () => json({ summaries: [item] }));
    return rows(query);
  };

  it("has a row for every counter, and none for what nobody knows", async () => {
    const known = await read(given);
    expect(known).toHaveLength(27);
    expect(await read({ ...given, brand_new: 7, brand_new_part: { a: 1 } })).toEqual(known);
  });

  it.each(Object.keys(HEADS))("without %s is an error", async (field) => {
    for (const value of [undefined, null, "abc", {}, [], true])
      expect(String(await failure(read({ ...given, [field]: value })))).toContain(field);
  });

  it.each(Object.keys(given).filter((field) => !(field in HEADS) && /_(?:count|rate)$/.test(field)))(
    "has no row for %s where it is not counted; retyped it is an error",
    async (field) => {
      const known = await read(given);
      for (const value of [undefined, null]) {
        const found = await read({ ...given, [field]: value });
        expect(found).toHaveLength(known.length - 1);
        for (const row of found) expect(known).toContainEqual(row);
      }
      for (const value of ["abc", {}, [], true])
        expect(String(await failure(read({ ...given, [field]: value })))).toContain(field);
    },
  );
});

it("a row of a single bucket may leave its bounds to the question; of several it can't", async () => {
  asked("user_usage", () => page([{ ...tokens(1), actor: { user_id: "u" }, starting_at: null, ending_at: null }]));
  expect(await rows({ report_type: "user_usage", date: "2026-09-01" })).toMatchObject([
    { start_date: "2026-09-01T00:00:00Z", end_date: "2026-09-02T00:00:00Z" },
  ]);
  expect(String(await failure(rows({ report_type: "user_usage", ...DAYS })))).toContain("starting_at");
});

it("what lies beyond the largest groups is of one currency, or an error", async () => {
  const shown = Array.from({ length: 100 }, (_, index) => cents("1", "1", { product: null, model: `m${index}` }));
  asked("cost", ({ searchParams }) =>
    page([
      bucket("2026-09-01", searchParams.has("group_by[]") ? shown : [{ ...cents("200", "200"), currency: "EUR" }]),
    ]),
  );
  expect(String(await failure(rows({ report_type: "cost", date: "2026-09-01" })))).toContain("currency");
});

describe("an error that comes with status 200", () => {
  it.each([
    { type: "error", error: { type: "invalid_request_error", message: "no" }, request_id: null },
    { error: "no" },
    { errors: ["no"] },
    { message: "no" },
    { detail: "no" },
    { data: null, next_page: null, has_more: false },
    {},
    [],
  ])("%j is no period without usage", async (body) => {
    for (const { endpoint, account = ENTERPRISE, query } of CASES) {
      asked(endpoint, () => json(body));
      expect(await failure(rows(query, account))).toMatchObject({ name: "UsageError" });
    }
  });

  it("is told from an answer by its own words", () => {
    const { errorText } = claude.connect(accountOf(ENTERPRISE), NOW);
    expect(errorText(JSON.parse(payload("claude/error.json")))).toMatch(/^invalid_request_error: /);
    for (const { file } of CASES) expect(errorText(bodyOf(file))).toBeUndefined();
    expect(errorText({ data: [], next_page: null, error: null, message: "hello" })).toBeUndefined();
  });
});
