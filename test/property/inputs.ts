import fc from "fast-check";
import * as z from "zod";
import type { Engine } from "../../src/engine/engine.ts";
import { RATIOS } from "../../src/engine/ratios.ts";
import { supportOf } from "../../src/providers/index.ts";
import { TOOLS } from "../../src/tools/index.ts";
import { jsonSchema } from "../../src/tools/tool.ts";
import { REPORT_TYPES } from "../../src/usage/report.ts";
import { DATES, hostile, ODD_DATES, spoiltCursor } from "./hostile.ts";

/** What is asked of which tool. */
export interface ToolCall {
  tool: string;
  args: unknown;
}

/** What the accounts under test really hold, by the parameter that takes it; and cursors that they gave. */
export interface Vocabulary {
  words: Readonly<Record<string, readonly string[]>>;
  cursors: readonly string[];
}

type Value = fc.Arbitrary<unknown>;
type Entries = readonly (readonly [string, unknown])[];

const property = z.looseObject({ type: z.string().optional(), enum: z.array(z.string()).optional() });
const inputSchema = z.looseObject({ properties: z.record(z.string(), property) });
type Properties = z.infer<typeof inputSchema>["properties"];

/** The parameters of a tool as a host is shown them. */
function parametersOf(name: string): Properties {
  const tool = TOOLS.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return inputSchema.parse(jsonSchema(tool.input, "input")).properties;
}

const DIMENSION_WORDS = ["provider", "account", "product", "surface", "model", "user", "day", "month", "charge_type"];
const ORDERS = ["net", "gross", "change", "start_date", "id", "product", "user", "tokens.output", "requests.total"];
const PATHS = ["id", "product", "product.id", "charges", "charges.amount", "user.email", "usage.tokens.input"];
const PERIODS = ["last_7_days", "this_month", "last_month", "2026-10", "2025-02", "2027", "2026-10-03/2026-10-05"];
const METRICS = [
  "tokens.total",
  "tokens.cache_read",
  "requests.total",
  "users",
  "quantity",
  "quantity:GB",
  "code.commits",
];
const APART = ["sessions.distinct", "conversations.distinct", "tools.distinct_skills_used_count"];

/** A value of a parameter that a caller who knows it might give. */
function right(name: string, { type, enum: values }: z.infer<typeof property>, { words }: Vocabulary): Value {
  const known: Readonly<Record<string, readonly string[]>> = {
    sort_by: ORDERS,
    truto_key_by: PATHS,
    truto_exclude_fields: PATHS,
    group_by: DIMENSION_WORDS,
    period: PERIODS,
    compare_to: ["previous_period", "previous_year", ...PERIODS],
    metrics: [...METRICS, ...APART],
    ratios: RATIOS,
    ...words,
  };
  const pool = values ?? known[name];
  // Members of every object are words like others: a filter may name them.
  const word = fc.oneof(
    { weight: 9, arbitrary: pool ? fc.constantFrom(...pool) : fc.string() },
    { weight: values ? 0 : 1, arbitrary: fc.constantFrom("constructor", "toString", "__proto__", "valueOf") },
  );
  if (type === "array") return fc.array(word, { maxLength: 3 });
  if (pool) return word;
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 100, 1000, 10_000));
    case "object":
      return fc.dictionary(fc.constantFrom("view", "limit", "page_size", "custom", "filter[kind]"), fc.string());
    default:
      return fc.string();
  }
}

/** Some of the parameters of a tool, each with a right value: which of them go together is left to the tool. */
function some(properties: Properties, names: readonly string[], vocabulary: Vocabulary, most: number) {
  return fc
    .subarray([...names], { maxLength: Math.min(most, names.length) })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map((name) => right(name, properties[name] ?? {}, vocabulary)))
        .map((values): Entries => chosen.map((name, index) => [name, values[index]])),
    );
}

const dated: fc.Arbitrary<Entries> = fc.constantFrom(...DATES).map(([start_date, end_date]) => [
  ["start_date", start_date],
  ["end_date", end_date],
]);
const oneDay: fc.Arbitrary<Entries> = fc.constantFrom(...DATES).map(([date]) => [["date", date.slice(0, 10)]]);

/** A listing that its account can mostly answer: a report that it serves, parameters that the report takes. */
function listing(engine: Engine, vocabulary: Vocabulary): fc.Arbitrary<Entries> {
  const properties = parametersOf("list_usage");
  const requestParams = Object.keys(properties).filter((name) => /^(?:truto_|fresh$)/.test(name));
  const reports = engine.accounts.flatMap((account) => {
    const { reports } = supportOf(account);
    return REPORT_TYPES.flatMap((report_type) => {
      const served = reports[report_type];
      return served ? [{ account, report_type, served }] : [];
    });
  });
  return fc.constantFrom(...reports).chain(({ account, report_type, served }) => {
    const named = Object.keys(served.params).filter(
      (name) => name in properties && !/^(?:start_date|end_date|date|cursor|group_by|granularity|page)$/.test(name),
    );
    const grouped = fc
      .subarray([...served.dimensions], { maxLength: 2 })
      .map((group_by): Entries => (group_by.length > 0 ? [["group_by", group_by]] : []));
    const buckets = served.granularities.filter((granularity) => granularity !== "minute");
    const bucketed = fc
      .constantFrom(undefined, undefined, ...buckets)
      .map((granularity): Entries => (granularity ? [["granularity", granularity]] : []));
    return fc
      .tuple(
        fc.oneof({ weight: 9, arbitrary: dated }, { weight: 1, arbitrary: oneDay }),
        grouped,
        bucketed,
        some(properties, named, vocabulary, 2),
        some(properties, requestParams, vocabulary, 1),
      )
      .map((parts): Entries => [["integrated_account_id", account.id], ["report_type", report_type], ...parts.flat()]);
  });
}

/** A summary of one account or two; of all of them now and then, which costs as much as all others. */
function summary(tool: string, engine: Engine, vocabulary: Vocabulary): fc.Arbitrary<Entries> {
  const properties = parametersOf(tool);
  const others = Object.keys(properties).filter(
    (name) => !/^(?:integrated_account_ids|providers|period|start_date|end_date)$/.test(name),
  );
  const ids = engine.accounts.map(({ id }) => id);
  const whose = fc
    .oneof(
      { weight: 30, arbitrary: fc.subarray(ids, { minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    )
    .map((chosen): Entries => [["integrated_account_ids", chosen]]);
  return fc.tuple(whose, dated, some(properties, others, vocabulary, 3)).map((parts): Entries => parts.flat());
}

/** One thing that is wrong with a call, or at least odd. */
function fault(properties: Properties, vocabulary: Vocabulary): fc.Arbitrary<(entries: Entries) => Entries> {
  const names = Object.keys(properties);
  const set = (name: string, value: unknown) => (entries: Entries) =>
    [...entries.filter(([known]) => known !== name), [name, value]] as const;
  const name = fc.constantFrom(...names, "nothing_by_that_name");
  // A hundred years of a vendor that is read hour by hour is a long call, no wrong one: a single odd date is one that is none.
  const times = ["start_date", "end_date", "date", "period"].filter((known) => names.includes(known));
  const dateFaults =
    times.length > 0
      ? [fc.tuple(fc.constantFrom(...times), fc.constantFrom(...ODD_DATES)).map(([at, v]) => set(at, v))]
      : [];
  const cursors =
    "cursor" in properties
      ? [
          fc
            .tuple(fc.constantFrom("cursor", "next_cursor"), spoiltCursor(vocabulary.cursors))
            .map(([at, v]) => set(at, v)),
        ]
      : [];
  return fc.oneof(
    fc.tuple(name, hostile).map(([at, value]) => set(at, value)),
    name.chain((at) => right(at, properties[at] ?? {}, vocabulary).map((value) => set(at, value))),
    fc
      .tuple(name, name)
      .chain(([at, other]) => right(other, properties[other] ?? {}, vocabulary).map((value) => set(at, value))),
    fc.tuple(fc.oneof(hostileNames, fc.string()), hostile).map(([at, value]) => set(at, value)),
    name.map((at) => (entries: Entries) => entries.filter(([known]) => known !== at)),
    ...dateFaults,
    ...cursors,
  );
}

const hostileNames = fc.constantFrom(
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  "authorization",
  "start_date ",
  "START_DATE",
  "startDate",
  "x".repeat(5000),
);

/**
 * Calls of a tool, half of them as they should be and half with something wrong in them. What a call holds is JSON, and what
 * `JSON.parse` makes of it (1e999 is infinite).
 */
export function callsOf(tool: string, engine: Engine, vocabulary: Vocabulary): fc.Arbitrary<ToolCall> {
  const properties = parametersOf(tool);
  const names = Object.keys(properties);
  const base =
    tool === "list_usage"
      ? listing(engine, vocabulary)
      : "integrated_account_ids" in properties && "period" in properties
        ? summary(tool, engine, vocabulary)
        : some(properties, names, vocabulary, 3);
  const wrong = fc.array(fault(properties, vocabulary), { minLength: 1, maxLength: 3 });
  const faults = fc.oneof(fc.constant([]), wrong);
  const named = fc.tuple(base, faults).map(([entries, changes]) =>
    // As JSON.parse makes it: __proto__ is a member like others.
    Object.fromEntries(changes.reduce((changed, change) => change(changed), entries)),
  );
  return fc
    .oneof({ weight: 60, arbitrary: named }, { weight: 1, arbitrary: hostile })
    .map((args): ToolCall => ({ tool, args }));
}
