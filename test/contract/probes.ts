import { expect } from "vitest";
import type { ProviderId } from "../../src/accounts/account.ts";
import type { Query, QueryParam } from "../../src/usage/query.ts";
import type { Row } from "../../src/usage/row.ts";
import type { Probe } from "./sandbox-engine.ts";

/** A question that shows what a parameter does: on the wire, on the rows (against the same question without it), or refused. */
export type Shown =
  | { query: Query; wire: RegExp }
  | { query: Query; rows: (probe: Probe, without: Probe) => void }
  | { query: Query; refused: RegExp };

const OCTOBER_DAYS = { start_date: "2026-10-13", end_date: "2026-10-15" };
const person = "clara.duvernay@tidewater-robotics.example";

const all = (holds: (row: Row) => unknown) => (probe: Probe, without: Probe) => {
  expect(probe.rows.length).toBeGreaterThan(0);
  expect(without.rows.length).toBeGreaterThan(probe.rows.length);
  for (const row of probe.rows) expect(holds(row), JSON.stringify(row)).toBeTruthy();
};

/** The same rows in another order. */
const sorted =
  (key: (row: Row) => number | string, ascending: boolean) =>
  ({ rows }: Probe) => {
    const keys = rows.map(key);
    const ordered = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    expect(keys).toEqual(ascending ? ordered : ordered.reverse());
    expect(new Set(keys).size).toBeGreaterThan(1);
  };

const net = (row: Row) => row.charges?.find(({ type }) => type === "net")?.amount ?? Number.NaN;

const shortened = (count: number) => (probe: Probe, without: Probe) => {
  expect(probe.rows).toEqual(without.rows.slice(0, count));
  expect(probe.answer.next_cursor).not.toBeNull();
};

const secondPage = (size: number) => (probe: Probe, without: Probe) => {
  expect(probe.rows).toEqual(without.rows.slice(size, 2 * size));
};

function paging(query: Query): Pick<Record<QueryParam, Shown>, "limit" | "page" | "page_size"> {
  return {
    limit: { query: { ...query, limit: 3 }, rows: shortened(3) },
    page: { query: { ...query, limit: 3, page_size: 3, page: 2 }, rows: secondPage(3) },
    page_size: { query: { ...query, limit: 100, page_size: 4 }, rows: shortened(4) },
  };
}

const claude = { integrated_account_id: "claude", ...OCTOBER_DAYS };
const openai = { integrated_account_id: "openai", ...OCTOBER_DAYS };
const cursor = { integrated_account_id: "cursor", ...OCTOBER_DAYS, limit: 2000 };
const confluent = { integrated_account_id: "confluent", ...OCTOBER_DAYS };
const datadog = { integrated_account_id: "datadog", start_date: "2026-10-01", end_date: "2026-11-01" };

/** `cursor` is shown by a walk of its own: see the test. */
export const PROBES: Record<ProviderId, Record<Exclude<QueryParam, "cursor">, Shown>> = {
  claude: {
    report_type: { query: { ...claude, report_type: "summary" }, wire: /analytics\/summaries / },
    start_date: { query: { ...claude, report_type: "usage" }, wire: /usage_report .*starting_at=2026-10-13T00:00:00Z/ },
    end_date: { query: { ...claude, report_type: "usage" }, wire: /usage_report .*ending_at=2026-10-15T00:00:00Z/ },
    product_ids: { query: { ...claude, product_ids: ["chat"] }, wire: /usage_report .*products\[\]=chat/ },
    user_ids: {
      query: { ...claude, report_type: "user_usage", user_ids: ["user_01"] },
      wire: /user_usage_report .*user_ids\[\]=user_01/,
    },
    model_ids: { query: { ...claude, model_ids: ["claude-opus-5"] }, wire: /usage_report .*models\[\]=claude-opus-5/ },
    surfaces: { query: { ...claude, surfaces: ["code"] }, wire: /usage_report .*products\[\]=claude_code/ },
    group_by: {
      query: { ...claude, report_type: "cost", group_by: ["model"] },
      wire: /cost_report .*group_by\[\]=model/,
    },
    granularity: { query: { ...claude, granularity: "hour" }, wire: /usage_report .*bucket_width=1h/ },
    sort_by: {
      query: {
        integrated_account_id: "claude",
        date: "2026-10-13",
        report_type: "user_usage",
        sort_by: "tokens.output",
      },
      wire: /user_usage_report .*order_by=output_tokens/,
    },
    sort_order: {
      query: {
        integrated_account_id: "claude",
        date: "2026-10-13",
        report_type: "user_cost",
        sort_by: "net",
        sort_order: "asc",
      },
      wire: /user_cost_report .*order=asc/,
    },
    include_deleted_users: {
      query: { ...claude, report_type: "user_cost", include_deleted_users: false },
      wire: /user_cost_report .*exclude_deleted_users=true/,
    },
    date: {
      query: { integrated_account_id: "claude", report_type: "activity", date: "2026-10-13" },
      wire: /users .*date=2026-10-13/,
    },
    user_id: {
      query: { ...claude, report_type: "user_cost", user_id: "user_01" },
      wire: /user_cost_report .*user_ids\[\]=user_01/,
    },
    api_key_id: { query: { ...claude, api_key_id: "apikey_01" }, refused: /^api_key_id: / },
    ...paging({ ...claude, report_type: "user_usage" }),
    limit: { query: { ...claude, report_type: "activity", limit: 5 }, wire: /analytics\/users .*limit=5/ },
  },
  openai_codex: {
    report_type: { query: { ...openai, report_type: "cost" }, wire: /organization\/costs / },
    start_date: {
      query: { integrated_account_id: "openai", start_date: "2026-10-13T10:00:00Z" },
      wire: /usage\/completions .*start_time=1791849600.*end_time=1791936000/,
    },
    end_date: { query: openai, wire: /usage\/completions .*end_time=1792022400/ },
    product_ids: {
      query: { ...openai, product_ids: ["embeddings"] },
      rows: (probe, without) => all((row) => row.product?.id === "embeddings")(probe, without),
    },
    user_ids: { query: { ...openai, user_ids: ["user-none"] }, wire: /usage\/completions .*user_ids(\[\])?=user-none/ },
    model_ids: { query: { ...openai, model_ids: ["gpt-5.5"] }, wire: /usage\/completions .*models(\[\])?=gpt-5\.5/ },
    surfaces: { query: { ...openai, surfaces: ["chat"] }, rows: ({ rows }) => expect(rows).toEqual([]) },
    group_by: {
      query: { ...openai, report_type: "cost", group_by: ["workspace"] },
      wire: /costs .*group_by(\[\])?=project_id/,
    },
    granularity: { query: { ...openai, granularity: "hour" }, wire: /usage\/completions .*bucket_width=1h/ },
    sort_by: {
      query: { ...openai, report_type: "cost", sort_by: "gross" },
      rows: sorted((row) => row.charges?.[0]?.amount ?? Number.NaN, false),
    },
    sort_order: {
      query: { ...openai, report_type: "cost", sort_by: "gross", sort_order: "asc" },
      rows: sorted((row) => row.charges?.[0]?.amount ?? Number.NaN, true),
    },
    include_deleted_users: { query: { ...openai, include_deleted_users: true }, refused: /^include_deleted_users: / },
    date: {
      query: { integrated_account_id: "openai", date: "2026-10-13" },
      wire: /usage\/completions .*start_time=1791849600.*end_time=1791936000/,
    },
    user_id: { query: { ...openai, user_id: "user-none" }, wire: /usage\/completions .*user_ids(\[\])?=user-none/ },
    api_key_id: {
      query: { ...openai, api_key_id: "key_none" },
      wire: /usage\/completions .*api_key_ids(\[\])?=key_none/,
    },
    ...paging({ ...openai, report_type: "usage" }),
  },
  cursor: {
    report_type: { query: { ...cursor, report_type: "activity" }, wire: /POST \/teams\/daily-usage-data/ },
    start_date: { query: cursor, wire: /filtered-usage-events .*"startDate":1791849600000/ },
    end_date: { query: cursor, wire: /filtered-usage-events .*"endDate":1792108799999/ },
    product_ids: { query: { ...cursor, product_ids: ["other"] }, rows: ({ rows }) => expect(rows).toEqual([]) },
    user_ids: { query: { ...cursor, user_ids: [person] }, rows: all((row) => row.user?.email === person) },
    model_ids: { query: { ...cursor, model_ids: ["gpt-5"] }, rows: all((row) => row.model?.id === "gpt-5") },
    surfaces: { query: { ...cursor, surfaces: ["cloud_agent"] }, rows: all((row) => row.surface === "cloud_agent") },
    group_by: {
      query: { ...cursor, group_by: ["model"] },
      rows: (probe) => {
        const models = probe.rows.map((row) => `${row.start_date} ${row.model?.id}`);
        expect(new Set(models).size).toBe(models.length);
        expect(probe.rows.every((row) => row.model !== undefined && row.user === undefined)).toBe(true);
      },
    },
    granularity: {
      query: { ...cursor, granularity: "hour", limit: 1000 },
      rows: ({ rows }) => {
        expect(rows.length).toBeGreaterThan(3);
        for (const row of rows)
          expect(Date.parse(row.end_date ?? "") - Date.parse(row.start_date ?? "")).toBe(3_600_000);
      },
    },
    sort_by: {
      query: { ...cursor, report_type: "user_cost", sort_by: "gross" },
      rows: sorted((row) => row.charges?.find(({ type }) => type === "total")?.amount ?? Number.NaN, false),
    },
    sort_order: {
      query: { ...cursor, report_type: "user_cost", sort_by: "net", sort_order: "asc" },
      rows: sorted(net, true),
    },
    include_deleted_users: { query: { ...cursor, include_deleted_users: true }, refused: /^include_deleted_users: / },
    date: {
      query: { integrated_account_id: "cursor", date: "2026-10-13" },
      wire: /"startDate":1791849600000,"endDate":1791935999999/,
    },
    user_id: { query: { ...cursor, user_id: person }, rows: all((row) => row.user?.email === person) },
    api_key_id: { query: { ...cursor, api_key_id: "key_01" }, refused: /^api_key_id: / },
    ...paging(cursor),
  },
  confluent: {
    report_type: {
      query: { ...confluent, report_type: "summary" },
      rows: all((row) => row.end_date === "2026-10-15T00:00:00Z"),
    },
    start_date: { query: confluent, wire: /billing\/v1\/costs start_date=2026-10-13/ },
    end_date: { query: confluent, wire: /costs .*end_date=2026-10-15/ },
    product_ids: { query: { ...confluent, product_ids: ["kafka"] }, rows: all((row) => row.product?.id === "KAFKA") },
    user_ids: { query: { ...confluent, user_ids: [person] }, refused: /^user_ids: / },
    model_ids: { query: { ...confluent, model_ids: ["gpt-5"] }, refused: /^model_ids: / },
    surfaces: { query: { ...confluent, surfaces: ["chat"] }, refused: /^surfaces: / },
    group_by: { query: { ...confluent, group_by: ["product"] }, rows: all((row) => row.product && !row.resources) },
    granularity: {
      query: { ...confluent, granularity: "day" },
      rows: ({ rows }) => {
        for (const row of rows)
          expect(Date.parse(row.end_date ?? "") - Date.parse(row.start_date ?? "")).toBe(86_400_000);
      },
    },
    sort_by: { query: { ...confluent, sort_by: "net" }, rows: sorted(net, false) },
    sort_order: { query: { ...confluent, sort_by: "net", sort_order: "asc" }, rows: sorted(net, true) },
    include_deleted_users: {
      query: { ...confluent, include_deleted_users: true },
      refused: /^include_deleted_users: /,
    },
    date: {
      query: { integrated_account_id: "confluent", date: "2026-10-13" },
      wire: /start_date=2026-10-13&end_date=2026-10-14/,
    },
    user_id: { query: { ...confluent, user_id: "u" }, refused: /^user_id: / },
    api_key_id: { query: { ...confluent, api_key_id: "k" }, refused: /^api_key_id: / },
    ...paging(confluent),
  },
  datadog: {
    report_type: { query: { ...datadog, report_type: "summary" }, rows: all((row) => row.product === undefined) },
    start_date: { query: datadog, wire: /historical_cost start_month=2026-10/ },
    end_date: { query: datadog, wire: /historical_cost .*end_month=2026-10/ },
    product_ids: {
      query: { ...datadog, product_ids: ["logs_ingested"] },
      rows: all((row) => row.product?.id === "logs_ingested"),
    },
    user_ids: { query: { ...datadog, user_ids: [person] }, refused: /^user_ids: / },
    model_ids: { query: { ...datadog, model_ids: ["gpt-5"] }, refused: /^model_ids: / },
    surfaces: { query: { ...datadog, surfaces: ["chat"] }, refused: /^surfaces: / },
    group_by: {
      query: { ...datadog, group_by: ["organization"] },
      rows: all((row) => row.organization && !row.product),
    },
    granularity: { query: { ...datadog, granularity: "day" }, refused: /^granularity: / },
    sort_by: {
      query: { ...datadog, sort_by: "gross" },
      rows: sorted((row) => row.charges?.find(({ type }) => type === "total")?.amount ?? Number.NaN, false),
    },
    sort_order: {
      query: { ...datadog, sort_by: "gross", sort_order: "asc" },
      rows: sorted((row) => row.charges?.find(({ type }) => type === "total")?.amount ?? Number.NaN, true),
    },
    include_deleted_users: { query: { ...datadog, include_deleted_users: true }, refused: /^include_deleted_users: / },
    date: { query: { integrated_account_id: "datadog", date: "2026-10-13" }, refused: /^date: / },
    user_id: { query: { ...datadog, user_id: "u" }, refused: /^user_id: / },
    api_key_id: { query: { ...datadog, api_key_id: "k" }, refused: /^api_key_id: / },
    ...paging(datadog),
  },
};
