import { beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { UsageError } from "../../src/errors.ts";
import { TOOLS } from "../../src/tools/index.ts";
import {
  CONFLUENT_ACCOUNT,
  call,
  confluentAnswers,
  costList,
  cursorCodec,
  DATADOG_ACCOUNT,
  datadogAnswers,
  engineOf,
  guardTheEdge,
  json,
} from "../providers/edge.ts";
import { threeMonths } from "./confluent-lines.ts";

guardTheEdge();

const NOVEMBER = threeMonths().filter(({ start_date }) => start_date.startsWith("2026-11"));

let asked: () => number;
beforeEach(() => {
  const confluent = confluentAnswers(() => costList(NOVEMBER));
  const datadog = datadogAnswers({
    historical: () => json({ data: [] }),
    estimated: () => json({ data: [] }),
  });
  const calls = [confluent, datadog.historical, datadog.estimated, datadog.mapping];
  asked = () => calls.reduce((sum, list) => sum + list.length, 0);
});

function both(): Engine {
  return engineOf([CONFLUENT_ACCOUNT, DATADOG_ACCOUNT]);
}

function run(name: string, args: unknown, engine = both()): Promise<Record<string, unknown>> {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(engine, args, call());
}

/** The message of a call that must be refused as a wrong question, before any vendor is asked. */
async function refusal(name: string, args: unknown, engine = both()): Promise<string> {
  const before = asked();
  const outcome = await Promise.resolve()
    .then(() => run(name, args, engine))
    .catch((error: unknown) => error);
  expect(asked() - before, "calls to a vendor").toBe(0);
  if (!(outcome instanceof UsageError)) throw new Error(`not refused: ${JSON.stringify(outcome)?.slice(0, 300)}`);
  expect(outcome.kind).toBe("question");
  expect(outcome.message.length).toBeLessThan(1500);
  expect(outcome.message).not.toMatch(/undefined|\[object|NaN,/);
  return outcome.message;
}

/** What is wrong, the arguments, the parameter that the message must begin with, and what else it must say. */
type Case = [what: string, args: Record<string, unknown>, parameter: string, says?: string];

/** Every way to spoil a date; `2026-10-31` is the good one. */
const BAD_DATES: [string, string][] = [
  ["a day that does not exist", "2026-02-30"],
  ["29 February of a common year", "2026-02-29"],
  ["a month that does not exist", "2026-13-01"],
  ["day 0", "2026-10-00"],
  ["a year of five digits", "20266-10-01"],
  ["a year before all vendors", "1026-10-01"],
  ["a date of the American kind", "10/01/2026"],
  ["a date without dashes", "20261001"],
  ["a month only", "2026-10"],
  ["words", "yesterday"],
  ["seconds since 1970", "1796000000"],
  ["hour 25", "2026-10-01T25:00:00Z"],
  ["a zone that does not exist", "2026-10-01T00:00:00+99:00"],
  ["a date with more behind", "2026-10-01; drop"],
];

const CONFLUENT = { integrated_account_id: "confluent" };
const DATADOG = { integrated_account_id: "datadog" };

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });
const proto = (text: string): Record<string, unknown> => JSON.parse(text);

const LIST: Case[] = [
  ["a filter of blanks", { ...CONFLUENT, product_ids: ["KAFKA", " "] }, "product_ids", "empty value"],
  ["no account where there are several", {}, "integrated_account_id", "confluent, datadog"],
  ["an unknown account", { integrated_account_id: "confluant" }, "integrated_account_id", "Did you mean 'confluent'"],
  ["an account named as a member of every object", { integrated_account_id: "__proto__" }, "integrated_account_id"],
  ["an account that is a number", { integrated_account_id: 7 }, "integrated_account_id", "a text"],
  ["an account that is a list", { integrated_account_id: ["confluent"] }, "integrated_account_id", "a text"],

  ["an unknown parameter", { ...CONFLUENT, start: "2026-10-01" }, "start", "Did you mean 'start_date'"],
  ["a misspelt parameter", { ...CONFLUENT, granularty: "day" }, "granularty", "Did you mean 'granularity'"],
  ["a parameter in camel case", { ...CONFLUENT, startDate: "2026-10-01" }, "startDate", "Did you mean 'start_date'"],
  ["another tool's parameter", { ...CONFLUENT, period: "last_month" }, "period", "no such parameter"],
  ["a parameter named __proto__", proto('{"integrated_account_id":"confluent","__proto__":{"limit":1}}'), "__proto__"],
  ["a parameter named constructor", { ...CONFLUENT, constructor: "x" }, "constructor", "no such parameter"],

  ["an unknown report", { ...CONFLUENT, report_type: "costs" }, "report_type", "Did you mean 'cost'"],
  ["a report in capitals", { ...CONFLUENT, report_type: "COST" }, "report_type", "Did you mean 'cost'"],
  ["a report the provider lacks", { ...CONFLUENT, report_type: "user_cost" }, "report_type", "It serves"],
  ["activity of Datadog", { ...DATADOG, report_type: "activity" }, "report_type", "It serves"],

  ["an unknown dimension", { ...CONFLUENT, group_by: ["prodcut"] }, "group_by", "Did you mean 'product'"],
  ["a dimension the provider lacks", { ...CONFLUENT, group_by: ["user"] }, "group_by", "it can by"],
  ["a dimension among good ones", { ...CONFLUENT, group_by: ["product", "cluster"] }, "group_by", "cluster"],
  ["a dimension of every object", { ...CONFLUENT, group_by: ["constructor"] }, "group_by"],
  ["a dimension that is a text", { ...CONFLUENT, group_by: "product" }, "group_by", "a list"],
  ["a dimension that is a number", { ...CONFLUENT, group_by: [1] }, "group_by", "a text"],

  ["users of a vendor without any", { ...CONFLUENT, user_ids: ["u1"] }, "user_ids", "names no users"],
  ["models of a vendor without any", { ...CONFLUENT, model_ids: ["m1"] }, "model_ids", "no models"],
  ["surfaces of a vendor without any", { ...CONFLUENT, surfaces: ["chat"] }, "surfaces", "surfaces"],
  ["deleted users of a vendor without any", { ...CONFLUENT, include_deleted_users: false }, "include_deleted_users"],
  ["an API key of a vendor without any", { ...CONFLUENT, api_key_id: "key" }, "api_key_id"],
  ["products of a summary of Datadog", { ...DATADOG, report_type: "summary", product_ids: ["logs"] }, "product_ids"],
  ["one day of Datadog", { ...DATADOG, date: "2026-10-01" }, "date", "month"],

  ["hours of a vendor with days", { ...CONFLUENT, granularity: "hour" }, "granularity", "day"],
  ["hours of a vendor with months", { ...DATADOG, granularity: "hour" }, "granularity", "month"],
  ["a day of a summary", { ...CONFLUENT, report_type: "summary", granularity: "day" }, "granularity", "whole period"],
  ["weeks, which nobody has", { ...CONFLUENT, granularity: "week" }, "granularity", "day"],

  ["products as a text", { ...CONFLUENT, product_ids: "KAFKA" }, "product_ids", "a list"],
  ["products as numbers", { ...CONFLUENT, product_ids: [1, 2] }, "product_ids", "a text"],
  ["products with a null among them", { ...CONFLUENT, product_ids: ["KAFKA", null] }, "product_ids", "a text"],
  ["products as an object", { ...CONFLUENT, product_ids: { "0": "KAFKA" } }, "product_ids", "a list"],
  ["a start as a list", { ...CONFLUENT, start_date: ["2026-10-01"] }, "start_date", "a text"],
  ["a start as a number", { ...CONFLUENT, start_date: 20261001 }, "start_date", "a text"],
  ["an order as a list", { ...CONFLUENT, sort_by: ["net"] }, "sort_by", "a text"],
  ["a cursor as an object", { ...CONFLUENT, cursor: {} }, "cursor", "a text"],
  ["a flag as a text", { ...CONFLUENT, truto_ignore_limit: "yes" }, "truto_ignore_limit", "true or false"],
  ["a flag as a number", { ...CONFLUENT, truto_ignore_remote_data: 0 }, "truto_ignore_remote_data", "true or false"],

  ["a limit of 0", { ...CONFLUENT, limit: 0 }, "limit", "1 to 10000"],
  ["a limit below 0", { ...CONFLUENT, limit: -1 }, "limit", "1 to 10000"],
  ["a limit of 10001", { ...CONFLUENT, limit: 10_001 }, "limit", "1 to 10000"],
  ["a limit of a thousand million", { ...CONFLUENT, limit: 1e9 }, "limit", "1 to 10000"],
  ["a limit of one and a half", { ...CONFLUENT, limit: 1.5 }, "limit", "whole number"],
  ["a limit as a text", { ...CONFLUENT, limit: "10" }, "limit", "a number"],
  ["a limit that is no number", { ...CONFLUENT, limit: Number.NaN }, "limit"],
  ["a limit without end", { ...CONFLUENT, limit: Number.POSITIVE_INFINITY }, "limit"],
  ["page 0", { ...CONFLUENT, page: 0 }, "page"],
  ["half a page", { ...CONFLUENT, page: 0.5 }, "page"],
  ["a page_size of 0", { ...CONFLUENT, page_size: 0 }, "page_size"],
  ["a page_size too large", { ...CONFLUENT, page_size: 10_001 }, "page_size"],

  ["an unknown order", { ...CONFLUENT, sort_by: "costs" }, "sort_by", "they can by"],
  ["a misspelt order", { ...CONFLUENT, sort_by: "start_dat" }, "sort_by", "Did you mean 'start_date'"],
  ["an order the provider lacks", { ...CONFLUENT, sort_by: "user" }, "sort_by", "they can by"],
  ["an order of every object", { ...CONFLUENT, sort_by: "constructor" }, "sort_by", "they can by"],
  ["a direction without an order", { ...CONFLUENT, sort_order: "desc" }, "sort_order", "sort_by"],
  ["an unknown direction", { ...CONFLUENT, sort_by: "net", sort_order: "down" }, "sort_order", "asc, desc"],

  ["an unknown format", { ...CONFLUENT, truto_response_format: "csv" }, "truto_response_format", "unified"],
  [
    "raw with an order",
    { ...CONFLUENT, truto_response_format: "raw", sort_by: "net" },
    "truto_response_format",
    "sort_by",
  ],
  ["raw with groups", { ...CONFLUENT, truto_response_format: "raw", group_by: ["day"] }, "truto_response_format"],
  [
    "a key that rows lack",
    { ...CONFLUENT, truto_key_by: "product.nam" },
    "truto_key_by",
    "Did you mean 'product.name'",
  ],
  ["a key of every object", { ...CONFLUENT, truto_key_by: "constructor" }, "truto_key_by"],
  [
    "excluding what rows lack",
    { ...CONFLUENT, truto_exclude_fields: ["charge"] },
    "truto_exclude_fields",
    "Did you mean 'charges'",
  ],
  ["excluding nothing by name", { ...CONFLUENT, truto_exclude_fields: [""] }, "truto_exclude_fields"],

  ["a page with a cursor", { ...CONFLUENT, page: 2, cursor: "u2.x.y" }, "page", "cursor"],
  ["a page with a next_cursor", { ...CONFLUENT, page: 2, next_cursor: "u2.x.y" }, "page", "cursor"],
  ["two cursors", { ...CONFLUENT, cursor: "u2.x.y", next_cursor: "u2.x.z" }, "cursor"],
  ["a cursor of nobody", { ...CONFLUENT, cursor: "next" }, "cursor", "damaged"],
  ["a vendor's own token", { ...CONFLUENT, cursor: "MTAwMA==" }, "cursor", "damaged"],

  ["an end before the start", { ...CONFLUENT, start_date: "2026-10-05", end_date: "2026-10-01" }, "end_date"],
  ["an end at the start", { ...CONFLUENT, start_date: "2026-10-05", end_date: "2026-10-05" }, "end_date"],
  ["an end before this month", { ...CONFLUENT, end_date: "2026-10-01" }, "end_date"],
  ["an end before the start, of Datadog", { ...DATADOG, start_date: "2026-10-05", end_date: "2026-08-01" }, "end_date"],
  ["a date with a start", { ...CONFLUENT, date: "2026-10-05", start_date: "2026-10-05" }, "date"],
  ["a date with an end", { ...CONFLUENT, date: "2026-10-05", end_date: "2026-10-06" }, "date"],
  ...BAD_DATES.flatMap(([what, text]): Case[] => [
    [`${what} as a start`, { ...CONFLUENT, start_date: text }, "start_date"],
    [`${what} as an end`, { ...CONFLUENT, start_date: "2026-09-01", end_date: text }, "end_date"],
    [`${what} as a date`, { ...CONFLUENT, date: text }, "date"],
    [`${what} as a start, of Datadog`, { ...DATADOG, start_date: text }, "start_date"],
  ]),

  ...[
    "authorization",
    "Authorization",
    "host",
    "path",
    "url",
    "base_url",
    "api_key",
    "apiKey",
    "api-secret",
    "application_key",
    "DD-API-KEY",
    "DD-APPLICATION-KEY",
    "x-api-key",
    "cookie",
    "token",
    "password",
    "method",
    "headers",
    "constructor",
    "authorization[]",
    "headers[authorization]",
  ].map(
    (name): Case => [`${name} for the vendor`, { ...CONFLUENT, remote_query: { [name]: "x" } }, `remote_query.${name}`],
  ),
  [
    "__proto__ for the vendor",
    proto('{"integrated_account_id":"confluent","remote_query":{"__proto__":"x"}}'),
    "remote_query",
  ],
  [
    "an object under __proto__ for the vendor",
    proto('{"integrated_account_id":"confluent","remote_query":{"__proto__":{"page_size":"1"}}}'),
    "remote_query",
  ],
  [
    "a start for the vendor",
    { ...CONFLUENT, remote_query: { start_date: "2020-01-01" } },
    "remote_query.start_date",
    "start_date",
  ],
  ["a list of starts for the vendor", { ...CONFLUENT, remote_query: { start_date: ["a"] } }, "remote_query.start_date"],
  [
    "a start with brackets for the vendor",
    { ...CONFLUENT, remote_query: { "START_DATE[]": "a" } },
    "remote_query.START_DATE",
  ],
  [
    "months for Datadog",
    { ...DATADOG, remote_query: { start_month: "2020-01" } },
    "remote_query.start_month",
    "start_date",
  ],
  ["end months for Datadog", { ...DATADOG, remote_query: { end_month: "2020-01" } }, "remote_query.end_month"],
  [
    "another aggregation for Datadog",
    { ...DATADOG, remote_query: { cost_aggregation: "x" } },
    "remote_query.cost_aggregation",
  ],
  ["what is nested too deep", { ...CONFLUENT, remote_query: deep(7) }, "remote_query", "deep"],
  ["what is nested without end", { ...CONFLUENT, remote_query: deep(5000) }, "remote_query", "deep"],
  [
    "too many values",
    { ...CONFLUENT, remote_query: { list: Array.from({ length: 101 }, (_, index) => index) } },
    "remote_query",
  ],
  ["a value too long", { ...CONFLUENT, remote_query: { filter: "x".repeat(2001) } }, "remote_query", "too long"],
  ["a name too long", { ...CONFLUENT, remote_query: { ["x".repeat(2001)]: "1" } }, "remote_query", "too long"],
  ["parameters for the vendor as a text", { ...CONFLUENT, remote_query: "page_size=5" }, "remote_query"],
  ["parameters for the vendor as a list", { ...CONFLUENT, remote_query: ["page_size=5"] }, "remote_query"],
];

const COST: Case[] = [
  ["a filter of blanks", { user_ids: [""] }, "user_ids", "empty value"],
  ["an unknown account", { integrated_account_ids: ["datadgo"] }, "integrated_account_ids", "Did you mean 'datadog'"],
  [
    "an unknown account among good ones",
    { integrated_account_ids: ["datadog", "gcp"] },
    "integrated_account_ids",
    "gcp",
  ],
  ["an account as a text", { integrated_account_ids: "datadog" }, "integrated_account_ids", "a list"],
  [
    "the other tool's account",
    { integrated_account_id: "datadog" },
    "integrated_account_id",
    "Did you mean 'integrated_account_ids'",
  ],
  ["an unknown provider", { providers: ["confluence"] }, "providers", "Did you mean 'confluent'"],
  ["a provider as a text", { providers: "confluent" }, "providers", "a list"],
  ["a provider without an account", { providers: ["cursor"] }, "providers", "confluent, datadog"],
  ["an account of another provider", { providers: ["datadog"], integrated_account_ids: ["confluent"] }, "providers"],
  ["an unknown parameter", { report_type: "cost" }, "report_type", "no such parameter"],
  ["a misspelt parameter", { groupby: ["product"] }, "groupby", "Did you mean 'group_by'"],
  ["a parameter named __proto__", proto('{"__proto__":{"limit":1}}'), "__proto__"],

  ["an unknown dimension", { group_by: ["prodcut"] }, "group_by", "Did you mean 'product'"],
  ["an unknown dimension among good ones", { group_by: ["product", "team"] }, "group_by", "team"],
  ["a dimension as a text", { group_by: "product" }, "group_by", "a list"],
  ["a dimension of every object", { group_by: ["constructor"] }, "group_by"],

  ["an unknown period", { period: "lastmonth" }, "period", "Did you mean 'last_month'"],
  ["a period in words", { period: "last 30 days" }, "period", "Did you mean 'last_30_days'"],
  ["a month that does not exist", { period: "2026-13" }, "period"],
  ["quarter 5", { period: "2026-Q5" }, "period"],
  ["a year of five digits", { period: "20266" }, "period"],
  ["a day as a period", { period: "2026-10-05" }, "period"],
  ["a period as a number", { period: 2026 }, "period", "a text"],
  ["a period with a start", { period: "last_month", start_date: "2026-10-01" }, "period", "start_date"],
  ["a period with an end", { period: "last_month", end_date: "2026-10-01" }, "period", "end_date"],
  ["an end without a start", { end_date: "2026-10-01" }, "start_date"],
  ["an end before the start", { start_date: "2026-10-05", end_date: "2026-10-01" }, "end_date"],
  ["an end at the start", { start_date: "2026-10-05", end_date: "2026-10-05" }, "end_date"],
  ["a start ahead without an end", { start_date: "2027-10-05" }, "start_date", "future"],
  ...BAD_DATES.flatMap(([what, text]): Case[] => [
    [`${what} as a start`, { start_date: text, end_date: "2026-11-01" }, "start_date"],
    [`${what} as an end`, { start_date: "2026-09-01", end_date: text }, "end_date"],
  ]),

  ["an unknown comparison", { compare_to: "last_period" }, "compare_to", "previous_period"],
  ["an unknown order", { sort_by: "netto" }, "sort_by", "Did you mean 'net'"],
  ["an order by what is not grouped by", { sort_by: "product" }, "sort_by", "provider"],
  ["an order by change without a comparison", { sort_by: "change" }, "sort_by", "compare_to"],
  ["an order of every object", { sort_by: "constructor" }, "sort_by"],
  ["an unknown direction", { sort_order: "descending" }, "sort_order", "desc"],
  ["an order as a list", { sort_by: ["net"] }, "sort_by", "a text"],
  ["products as a text", { product_ids: "KAFKA" }, "product_ids", "a list"],
  ["users with a number among them", { user_ids: ["a", 1] }, "user_ids", "a text"],
  ["a limit of 0", { limit: 0 }, "limit", "1 to 1000"],
  ["a limit below 0", { limit: -1 }, "limit", "1 to 1000"],
  ["a limit of 1001", { limit: 1001 }, "limit", "1 to 1000"],
  ["a limit of a thousand million", { limit: 1e9 }, "limit", "1 to 1000"],
  ["a limit of one and a half", { limit: 1.5 }, "limit", "whole number"],
  ["a limit as a text", { limit: "10" }, "limit", "a number"],
];

const DESCRIBE: Case[] = [
  ["an unknown account", { integrated_account_id: "datadgo" }, "integrated_account_id", "Did you mean 'datadog'"],
  ["an unknown provider", { provider: "confluentt" }, "provider", "Did you mean 'confluent'"],
  ["a provider in capitals", { provider: "Datadog" }, "provider", "Did you mean 'datadog'"],
  ["an account of another provider", { provider: "confluent", integrated_account_id: "datadog" }, "provider"],
  ["an unknown report", { report_type: "user_costs" }, "report_type", "Did you mean 'user_cost'"],
  ["an unknown parameter", { providers: ["confluent"] }, "providers", "Did you mean 'provider'"],
  ["a provider as a list", { provider: ["confluent"] }, "provider"],
  ["a report as a number", { report_type: 1 }, "report_type"],
  ["a parameter named __proto__", proto('{"__proto__":{"provider":"x"}}'), "__proto__"],
];

describe.each([
  ["list_usage", LIST],
  ["get_cost_summary", COST],
  ["describe_supported_params", DESCRIBE],
  ["list_accounts", [["any parameter", { provider: "confluent" }, "provider", "no such parameter"]] satisfies Case[]],
] as [string, Case[]][])("%s refuses, and asks no vendor,", (tool, cases) => {
  it.each(cases)("%s", async (_what, args, parameter, says = "") => {
    const message = await refusal(tool, args);
    expect(message.slice(0, parameter.length)).toBe(parameter);
    expect(message).toContain(says);
  });

  it.each([
    ["null", null],
    ["a text", "x"],
    ["a list", []],
    ["a number", 5],
    ["nothing at all", undefined],
  ])("%s where an object is due", async (_what, args) => {
    expect(await refusal(tool, args)).toContain("object");
  });
});

describe("a cursor", () => {
  const ten = { ...CONFLUENT, limit: 10 };

  async function given(): Promise<string> {
    return String((await run("list_usage", ten))["next_cursor"]);
  }

  it.each<[string, (cursor: string) => string]>([
    ["cut", (cursor) => cursor.slice(0, -5)],
    ["without its tag", (cursor) => cursor.slice(0, cursor.lastIndexOf("."))],
    ["with another beginning", (cursor) => `u3${cursor.slice(2)}`],
    ["with another letter inside", (cursor) => cursor.replace(/^(.{20})./, (_all, head) => `${head}~`)],
    [
      "with a payload of one's own",
      (cursor) => `${cursor.slice(0, 40)}${Buffer.from(JSON.stringify([0, 0, 0])).toString("base64url")}`,
    ],
  ])("%s is refused, and no vendor is asked", async (_what, spoil) => {
    const cursor = spoil(await given());
    expect(await refusal("list_usage", { ...ten, cursor })).toMatch(/^cursor: .*damaged/);
    expect(await refusal("list_usage", { ...ten, next_cursor: cursor })).toMatch(/^cursor: .*damaged/);
  });

  it("of another server, another account or another query is refused, and no vendor is asked", async () => {
    const cursor = await given();
    const stranger = engineOf([CONFLUENT_ACCOUNT], { cursors: cursorCodec("another") });
    expect(await refusal("list_usage", { ...ten, cursor }, stranger)).toMatch(/^cursor: /);
    expect(await refusal("list_usage", { ...DATADOG, cursor })).toMatch(/^cursor: /);
    expect(await refusal("list_usage", { ...ten, cursor, product_ids: ["KAFKA"] })).toMatch(/^cursor: .*another query/);
  });
});

describe("what is left empty", () => {
  const EMPTY = {
    start_date: "",
    end_date: null,
    product_ids: [],
    group_by: null,
    sort_by: "",
    sort_order: null,
    granularity: "",
    limit: null,
    cursor: "",
    date: null,
    page: null,
    truto_response_format: "",
    truto_key_by: "",
    truto_exclude_fields: [],
    remote_query: null,
    user_ids: [],
    model_ids: null,
    user_id: "",
    include_deleted_users: null,
  };

  it("counts as absent in list_usage", async () => {
    const [plain, empty] = [await run("list_usage", CONFLUENT), await run("list_usage", { ...CONFLUENT, ...EMPTY })];
    expect(plain["result_count"]).toBeGreaterThan(0);
    expect(empty).toEqual(plain);
  });

  it("counts as absent in get_cost_summary", async () => {
    const args = {
      period: "",
      start_date: null,
      group_by: [],
      providers: [],
      compare_to: "",
      sort_by: "",
      limit: null,
    };
    const plain = await run("get_cost_summary", {});
    expect(await run("get_cost_summary", { ...args, integrated_account_ids: [] })).toEqual(plain);
  });

  it("counts as absent in describe_supported_params", async () => {
    const plain = await run("describe_supported_params", {});
    const args = { provider: "", integrated_account_id: null, report_type: "" };
    expect(await run("describe_supported_params", args)).toEqual(plain);
  });
});
