import { describe, expect, it } from "vitest";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { call, engineOf, failure, guardTheEdge, type Item, json } from "../edge.ts";
import { asked, bucket, CONSOLE, itemOf, page, rows, stored, tokens, V2 } from "./claude.ts";

guardTheEdge();

const ID = expect.stringMatching(/^claude:[0-9a-f]{32}$/);
const CLAUDE = { product: { id: "claude", name: "Claude" } };

describe("the Usage and Cost Analytics API", () => {
  const DAYS = { start_date: "2026-09-03", end_date: "2026-09-04" };
  const BOUNDS = { start_date: "2026-09-03T00:00:00Z", end_date: "2026-09-04T00:00:00Z" };
  const cost = { amount: "250.5", list_amount: "300", currency: "USD", requests: 3 };

  it("a usage row", async () => {
    asked("v2_usage", stored("v2-usage"));
    expect(await rows({ report_type: "usage", ...DAYS }, V2, { withRemoteData: true })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "tokens",
        ...CLAUDE,
        model: { id: "claude-sonnet-5", provider: "anthropic" },
        usage: {
          quantity: 5377000,
          tokens: {
            input: 1284500,
            output: 891000,
            cache_read: 3200000,
            cache_write: 1500,
            cache_write_ephemeral_5m: 1500,
            cache_write_ephemeral_1h: 0,
            total: 5377000,
          },
          requests: { total: 128 },
          tools: { web_search_count: 10 },
        },
        unit: "token",
        updated_at: "2026-09-08T04:00:00Z",
        remote_data: itemOf("v2-usage"),
      },
    ]);
  });

  it("a cost row with everything that it can be grouped by", async () => {
    const group = {
      actor: { type: "user_actor", user_id: "user_1", email_address: "ann@example.com", name: "Ann", deleted: false },
      product: "messages_api",
      model: "claude-opus-5",
      api_key_id: "apikey_1",
      workspace_id: "wrkspc_1",
      organization_id: "a-child",
      cost_type: "session_usage",
      token_type: null,
    };
    asked("v2_cost", () => page([{ ...bucket("2026-09-03", []), group, cost }]));
    expect(await rows({ report_type: "cost", ...DAYS }, V2)).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "session_usage",
        product: { id: "messages_api", name: "Messages API" },
        surface: "messages_api",
        model: { id: "claude-opus-5", provider: "anthropic" },
        user: { id: "user_1", email: "ann@example.com", name: "Ann" },
        organization: { id: "a-child" },
        resources: [{ id: "apikey_1", workspace: { id: "wrkspc_1" } }],
        charges: [
          { type: "net", amount: 2.505, currency: "USD" },
          { type: "total", amount: 3, currency: "USD" },
          { type: "discount", amount: 0.495, currency: "USD" },
        ],
        usage: { requests: { total: 3 } },
      },
    ]);
  });

  it.each<[string, Item | null, Item | undefined]>([
    ["a service account", { type: "service_account_actor", service_account_id: "svac_1" }, { id: "svac_1" }],
    [
      "another provider's identity",
      { type: "federated_actor", provider: { type: "aws" }, subject: "arn:aws:iam::1:role/x" },
      { id: "arn:aws:iam::1:role/x" },
    ],
    ["an API key, which is a resource", { type: "api_actor", api_key_id: "apikey_1" }, undefined],
    ["nobody", null, undefined],
  ])("%s as the user", async (_, actor, user) => {
    asked("v2_cost", () => page([{ ...bucket("2026-09-03", []), group: { actor }, cost }]));
    const [row] = await rows({ report_type: "cost", ...DAYS, group_by: ["user"] }, V2);
    expect(row?.["user"]).toEqual(user);
  });

  it("the same subject at two providers is two identities", async () => {
    const row = (provider: Item) => ({
      ...bucket("2026-09-03", []),
      group: { actor: { type: "federated_actor", provider, subject: "ci" } },
      cost,
    });
    asked("v2_cost", () =>
      page([row({ type: "gcp", project_number: "1" }), row({ type: "oidc", issuer: "https://id.example" })]),
    );
    const found = await rows({ report_type: "cost", ...DAYS, group_by: ["user"] }, V2);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  it("without its numbers is an error that says where", async () => {
    asked("v2_cost", () => page([{ ...bucket("2026-09-03", []), group: {} }]));
    expect(String(await failure(rows({ report_type: "cost", ...DAYS }, V2)))).toContain("cost.data[].cost");
  });

  it("sums to the same, whatever it is grouped by", async () => {
    const all = { actor: null, workspace_id: null };
    asked("v2_cost", () =>
      page([
        { ...bucket("2026-09-03", []), group: { ...all, model: "a", product: "chat" }, cost },
        { ...bucket("2026-09-03", []), group: { ...all, model: "b", product: null }, cost },
      ]),
    );
    for (const group_by of [[], ["product"], ["model", "user"], ["workspace"]])
      expect(await getCostSummary.run(engineOf([V2]), { ...DAYS, group_by }, call())).toMatchObject({
        totals: [{ net: 5.01, gross: 6 }],
      });
  });
});

describe("the Console", () => {
  const DAYS = { start_date: "2025-08-01", end_date: "2025-08-02" };
  const BOUNDS = { start_date: "2025-08-01T00:00:00Z", end_date: "2025-08-02T00:00:00Z" };

  it("usage of messages", async () => {
    asked("messages", stored("console-messages"));
    expect(await rows({ report_type: "usage", ...DAYS }, CONSOLE)).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "tokens",
        ...CLAUDE,
        model: { id: "claude-opus-4-6", provider: "anthropic" },
        user: { id: "user_01WCz1FkmYMm4gnmykNKUu3Q" },
        resources: [{ id: "apikey_01Rj2N8SVvo6BePZj99NhmiT", workspace: { id: "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ" } }],
        usage: {
          quantity: 3700,
          tokens: {
            input: 1500,
            output: 500,
            cache_read: 200,
            cache_write: 1500,
            cache_write_ephemeral_5m: 500,
            cache_write_ephemeral_1h: 1000,
            total: 3700,
          },
          tools: { web_search_count: 10 },
        },
        unit: "token",
      },
    ]);
  });

  it("the Workbench has no key, the default workspace no id", async () => {
    asked("messages", () =>
      page([
        bucket("2025-08-01", [
          tokens(1, { api_key_id: null, workspace_id: null }),
          tokens(1, { api_key_id: null, workspace_id: "w" }),
        ]),
      ]),
    );
    const found = await rows({ report_type: "usage", ...DAYS }, CONSOLE);
    expect(found.map(({ resources }) => resources)).toEqual([undefined, [{ workspace: { id: "w" } }]]);
  });

  it("cost: cents, one amount, which is gross and net", async () => {
    asked("console_cost", stored("console-cost"));
    expect(await rows({ report_type: "cost", ...DAYS }, CONSOLE, { withRemoteData: true })).toEqual([
      {
        id: ID,
        ...BOUNDS,
        metric_name: "tokens.uncached_input_tokens",
        ...CLAUDE,
        model: { id: "claude-opus-5", provider: "anthropic" },
        resources: [{ workspace: { id: "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ" } }],
        charges: [
          { type: "net", amount: 1.2378912, currency: "USD" },
          { type: "total", amount: 1.2378912, currency: "USD" },
        ],
        remote_data: { ...bucketBounds(), ...Object(itemOf("console-cost")["results"])[0] },
      },
    ]);
  });

  function bucketBounds(): Item {
    const { results: _, ...bounds } = itemOf("console-cost");
    return bounds;
  }

  it("cost by its kind: kinds of tokens are one kind of cost", async () => {
    const parts = [
      { amount: "100", cost_type: "tokens", token_type: "output_tokens", model: "m" },
      { amount: "50", cost_type: "tokens", token_type: "uncached_input_tokens", model: "m" },
      { amount: "7", cost_type: "web_search", token_type: null, model: null },
    ].map((part) => ({ currency: "USD", ...part }));
    asked("console_cost", ({ searchParams }) =>
      page([
        bucket(
          "2025-08-01",
          searchParams.has("group_by[]") ? parts : [{ amount: "157", currency: "USD", cost_type: null }],
        ),
      ]),
    );
    const told = async (group_by: string[]) =>
      (await rows({ report_type: "cost", ...DAYS, group_by }, CONSOLE))
        .map(({ metric_name, charges }) => `${metric_name} ${Object(charges)[0].amount}`)
        .sort();
    expect(await told(["charge_type"])).toEqual(["tokens 1.5", "web_search 0.07"]);
    expect(await told(["metric_name"])).toEqual([
      "tokens.output_tokens 1",
      "tokens.uncached_input_tokens 0.5",
      "web_search 0.07",
    ]);
  });

  it("cost of one description at two tiers is two rows", async () => {
    const part = { amount: "1", currency: "USD", description: "Tokens", workspace_id: null };
    asked("console_cost", () =>
      page([
        bucket("2025-08-01", [
          { ...part, context_window: "0-200k" },
          { ...part, context_window: "200k-1M" },
        ]),
      ]),
    );
    const found = await rows({ report_type: "cost", ...DAYS }, CONSOLE);
    expect(new Set(found.map(({ id }) => id)).size).toBe(2);
  });

  it("Claude Code: what was done, and the tokens of each model with an estimate that is no bill", async () => {
    asked("claude_code", stored("console-claude-code"));
    const item = itemOf("console-claude-code");
    const day = { start_date: "2025-08-08T00:00:00Z", end_date: "2025-08-09T00:00:00Z" };
    const common = {
      id: ID,
      ...day,
      product: { id: "claude_code", name: "Claude Code" },
      surface: "claude_code",
      user: { email: "[email protected]" },
      organization: { id: "12345678-1234-5678-1234-567812345678" },
    };
    const found = await rows({ report_type: "activity", date: "2025-08-08" }, CONSOLE);
    expect(found).toEqual([
      {
        ...common,
        metric_name: "activity",
        usage: {
          activity: { is_active: true },
          code: {
            commits: 8,
            pull_requests: 2,
            lines_added: 342,
            lines_removed: 128,
            // 25 + 12 + 5 + 8, and 3 + 1 + 2 + 0
            accepts: 50,
            rejects: 6,
            tool_actions: item["tool_actions"],
          },
          sessions: { distinct: 15 },
        },
      },
      {
        ...common,
        metric_name: "tokens",
        model: { id: "claude-sonnet-4-20250514", provider: "anthropic" },
        usage: {
          quantity: 68810,
          tokens: { input: 45230, output: 12450, cache_read: 8790, cache_write: 2340, total: 68810 },
        },
        unit: "token",
        charges: [{ type: "usage_based", amount: 1.86, currency: "USD" }],
      },
      {
        ...common,
        metric_name: "tokens",
        model: { id: "claude-3-5-haiku-20241022", provider: "anthropic" },
        usage: {
          quantity: 33090,
          tokens: { input: 23100, output: 5680, cache_read: 3420, cache_write: 890, total: 33090 },
        },
        unit: "token",
        charges: [{ type: "usage_based", amount: 0.42, currency: "USD" }],
      },
    ]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(3);
  });

  const TOKENS = { input: 1, output: 1, cache_read: 0, cache_creation: 0 };

  it("a service account is a user, where it is told apart", async () => {
    const remote_query = { group_by: "service_account_id" };
    asked("messages", () =>
      page([bucket("2025-08-01", [tokens(1, { account_id: null, service_account_id: "svac_1" })])]),
    );
    expect(await rows({ report_type: "usage", ...DAYS, remote_query }, CONSOLE)).toMatchObject([
      { user: { id: "svac_1" } },
    ]);
  });

  it("Claude Code of a key, and of a person in two terminals", async () => {
    const core_metrics = {
      num_sessions: 0,
      commits_by_claude_code: 0,
      pull_requests_by_claude_code: 0,
      lines_of_code: { added: 0, removed: 0 },
    };
    const item = {
      actor: { type: "api_actor", api_key_name: "ci" },
      date: "2026-10-05T00:00:00Z",
      core_metrics,
      tool_actions: {},
      model_breakdown: [],
      terminal_type: "tmux",
    };
    const estimated_cost = { amount: 1, currency: "USD" };
    const ann = { ...item, actor: { type: "user_actor", email_address: "ann@example.com" } };
    const other = { ...item, actor: { type: "api_actor", api_key_name: "nightly" } };
    const busy = { ...ann, terminal_type: "vscode", model_breakdown: [{ model: "m", tokens: TOKENS, estimated_cost }] };
    asked("claude_code", () => json({ data: [item, ann, busy, other], has_more: false, next_page: null }));
    const found = await rows({ report_type: "activity", date: "2026-10-05" }, CONSOLE);
    expect(found[0]).toMatchObject({ resources: [{ name: "ci" }], usage: { activity: { is_active: false } } });
    expect(found[0]?.["user"]).toBeUndefined();
    expect(found.map(({ usage }) => Object(usage).activity?.is_active)).toEqual([false, false, true, undefined, false]);
    expect(new Set(found.map(({ id }) => id)).size).toBe(5);
    expect(
      await rows({ report_type: "activity", date: "2026-10-05", user_ids: ["ANN@example.com"] }, CONSOLE),
    ).toHaveLength(3);
  });

  it.each([
    ["tokens of a model", { model_breakdown: [{ model: "m", tokens: { input: 1 } }] }, "tokens.output"],
    [
      "an estimate",
      {
        model_breakdown: [
          {
            model: "m",
            tokens: { input: 1, output: 1, cache_read: 1, cache_creation: 1 },
            estimated_cost: { amount: "much" },
          },
        ],
      },
      "estimated_cost.amount",
    ],
    ["counters", { core_metrics: null }, "core_metrics"],
    ["the one who acted", { actor: "ann" }, "actor"],
    ["its day", { date: "yesterday" }, "date"],
  ])("Claude Code with %s retyped or missing is an error", async (_, change, field) => {
    const item = itemOf("console-claude-code");
    asked("claude_code", () => json({ data: [{ ...item, ...change }], has_more: false, next_page: null }));
    expect(String(await failure(rows({ report_type: "activity", date: "2026-10-05" }, CONSOLE)))).toContain(field);
  });

  it("today's Claude Code is asked for, tomorrow's not", async () => {
    const queries = asked("claude_code", () => page([]));
    await rows({ report_type: "activity", start_date: "2026-11-21", end_date: "2026-11-25" }, CONSOLE);
    expect(queries.map((query) => query.slice(0, 22))).toEqual(["starting_at=2026-11-21", "starting_at=2026-11-22"]);
  });

  it("cost of an account sums to the same, whatever it is grouped by", async () => {
    asked("console_cost", ({ searchParams }) => {
      const by = searchParams.getAll("group_by[]");
      const parts = [
        { amount: "100.25", model: "a", workspace_id: "w" },
        { amount: "50.25", model: null, workspace_id: null },
      ];
      const told = parts.map((part) => ({
        currency: "USD",
        ...part,
        model: by.includes("description") ? part.model : null,
      }));
      return page([bucket("2026-10-05", by.length > 0 ? told : [{ amount: "150.5", currency: "USD" }])]);
    });
    for (const group_by of [[], ["model"], ["workspace"], ["user"], ["charge_type", "month"]]) {
      const args = { start_date: "2026-10-05", end_date: "2026-10-06", group_by };
      expect(await getCostSummary.run(engineOf([CONSOLE]), args, call())).toMatchObject({
        totals: [{ net: 1.505, gross: 1.505 }],
      });
    }
  });
});
