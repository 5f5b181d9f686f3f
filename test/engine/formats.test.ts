import { describe, expect, it } from "vitest";
import type { ListAnswer } from "../../src/engine/list-answer.ts";
import type { Query } from "../../src/usage/query.ts";
import {
  CONFLUENT_ACCOUNT,
  confluentAnswers,
  confluentEngine,
  costByOrg,
  costList,
  DATADOG_ACCOUNT,
  datadogAnswers,
  engineOf,
  failure,
  guardTheEdge,
  type Item,
  idsOf,
  json,
  list,
  reply,
  rowsOf,
  SECRETS,
} from "../providers/edge.ts";
import { billing, type Line, threeMonths } from "./confluent-lines.ts";

guardTheEdge();

const RANGE: Query = { start_date: "2026-09-01", end_date: "2026-12-01", limit: 10_000 };
const lines = threeMonths();

function serveLines(): string[] {
  return confluentAnswers(billing(() => lines, 30));
}

/** One line of 1 November. */
function line(id: string, more: Partial<Line> = {}): Line {
  return {
    id,
    start_date: "2026-11-01",
    end_date: "2026-11-02",
    granularity: "DAILY",
    product: "KAFKA",
    line_type: "KAFKA_STORAGE",
    amount: 1.5,
    original_amount: 2,
    discount_amount: 0.5,
    quantity: 3,
    unit: "GB",
    resource: { id: "lkc-1", display_name: "orders", environment: { id: "env-1" } },
    ...more,
  };
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error("a list is due");
  return value;
}

describe("raw", () => {
  it("gives the vendor's items untouched, every one of them once", async () => {
    serveLines();
    const answer = await list(confluentEngine(), { ...RANGE, truto_response_format: "raw" });
    const found = new Map(rowsOf(answer).map((item) => [item["id"], item]));
    expect(rowsOf(answer)).toHaveLength(lines.length);
    for (const sent of lines) expect(found.get(sent.id)).toEqual(sent);
    expect(answer).not.toHaveProperty("entities");
  });

  it("keeps fields that nobody knows, nulls, and every digit", async () => {
    const text = '{"id":"l1","start_date":"2026-11-01","end_date":"2026-11-02","amount":0.1234567890123456789,';
    const rest = '"new_field":{"deep":[1,null,"x"]},"product":null,"empty":{},"list":[],"zero":0,"text":""}';
    confluentAnswers(() => reply(`{"data":[${text}${rest}],"metadata":{}}`));
    const [item] = rowsOf(await list(confluentEngine(), { truto_response_format: "raw" }));
    expect(item).toMatchObject(JSON.parse(`{${rest}`));
    expect(String(item?.["amount"])).toBe("0.1234567890123456789");
  });

  it("has the same items by pages of 7", async () => {
    serveLines();
    const engine = confluentEngine();
    const query: Query = { ...RANGE, truto_response_format: "raw" };
    const whole = rowsOf(await list(engine, query));
    const items: Item[] = [];
    let cursor: string | null | undefined;
    do {
      const answer: ListAnswer = await list(engine, { ...query, limit: 7, ...(cursor ? { cursor } : {}) });
      items.push(...rowsOf(answer));
      cursor = answer.next_cursor;
    } while (cursor);
    expect(items).toEqual(whole);
  });

  it("gives an item whole when a filter lets it pass, and no other", async () => {
    serveLines();
    const query: Query = { ...RANGE, truto_response_format: "raw", product_ids: ["flink"] };
    const items = rowsOf(await list(confluentEngine(), query));
    const ids = lines.filter(({ product }) => product === "FLINK").map(({ id }) => id);
    expect(items.map((item) => item["id"]).sort()).toEqual(ids.sort());
  });

  it("gives a Datadog item once, with all of its charges", async () => {
    const item = costByOrg({
      date: "2026-11-01T00:00:00Z",
      charges: [
        { charge_type: "total", cost: 12.5, product_name: "logs" },
        { charge_type: "total", cost: 7.25, product_name: "apm" },
      ],
      total_cost: 19.75,
    });
    datadogAnswers({ estimated: () => json({ data: [item] }) });
    const answer = await list(engineOf([DATADOG_ACCOUNT]), { truto_response_format: "raw" });
    expect(rowsOf(answer)).toEqual([item]);
  });

  it.each<[string, Query]>([
    ["sort_by", { sort_by: "net" }],
    ["group_by", { group_by: ["product"] }],
    ["a summed report", { report_type: "summary" }],
  ])("is refused with %s, which works on unified rows", async (_what, query) => {
    const asked = serveLines();
    const error = await failure(list(confluentEngine(), { ...RANGE, ...query, truto_response_format: "raw" }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "truto_response_format" } });
    expect(asked).toEqual([]);
  });

  it("leaves truto_exclude_fields out or refuses it, but does not ignore it", async () => {
    confluentAnswers(() => costList([line("l1")]));
    const query: Query = { truto_response_format: "raw", truto_exclude_fields: ["product"] };
    const outcome = await list(confluentEngine(), query).catch((error: unknown) => String(error));
    if (typeof outcome === "string") expect(outcome).toMatch(/truto_exclude_fields/);
    else expect(rowsOf(outcome)[0]).not.toHaveProperty("product");
  });
});

/** The unified rows again, from rows and entities of the normalized format. */
function rejoined({ result, entities }: Pick<ListAnswer, "entities"> & { result: unknown }): Item[] {
  const table = (name: string, id: unknown): Item => {
    const entity = Object(Reflect.get(Object(entities), name));
    if (!Object.hasOwn(entity, String(id))) throw new Error(`no ${String(id)} in ${name}`);
    return { ...entity[String(id)] };
  };
  return asList(result).map((row) => {
    const { product_id, model_id, user_id, organization_id, resource_ids, ...rest }: Item = Object(row);
    const resource = (id: unknown): Item => {
      const { workspace_id, ...own } = table("resources", id);
      // A line of an environment as a whole stands under the environment's id and has none of its own.
      if (workspace_id === undefined) return own;
      return { ...(own["id"] === workspace_id ? {} : own), workspace: table("workspaces", workspace_id) };
    };
    return {
      ...rest,
      ...(product_id === undefined ? {} : { product: table("products", product_id) }),
      ...(model_id === undefined ? {} : { model: table("models", model_id) }),
      ...(user_id === undefined ? {} : { user: table("users", user_id) }),
      ...(organization_id === undefined ? {} : { organization: table("organizations", organization_id) }),
      ...(resource_ids === undefined ? {} : { resources: asList(resource_ids).map(resource) }),
    };
  });
}

describe("normalized", () => {
  async function bothWays(query: Query = RANGE) {
    const engine = confluentEngine();
    const unified = await list(engine, query);
    const normalized = await list(engine, { ...query, truto_response_format: "normalized" });
    return { unified: rowsOf(unified), normalized };
  }

  it("gives the unified rows again when rows and entities are joined", async () => {
    serveLines();
    const { unified, normalized } = await bothWays();
    expect(rejoined(normalized)).toEqual(unified);
  });

  it("lifts every product, resource and workspace out once", async () => {
    serveLines();
    const { entities, result } = (await bothWays()).normalized;
    expect(Object.keys(entities?.products ?? {}).sort()).toEqual(["CONNECT", "FLINK", "KAFKA"]);
    expect(Object.keys(entities?.resources ?? {}).sort()).toEqual(["lkc-0", "lkc-1", "lkc-2", "lkc-3"]);
    expect(Object.keys(entities?.workspaces ?? {}).sort()).toEqual(["env-0", "env-1"]);
    for (const row of asList(result)) for (const gone of ["product", "resources"]) expect(row).not.toHaveProperty(gone);
  });

  it("joins with organizations, too", async () => {
    const item = costByOrg({
      date: "2026-11-01T00:00:00Z",
      charges: [{ charge_type: "total", cost: 12.5, product_name: "logs" }],
      total_cost: 12.5,
    });
    datadogAnswers({ estimated: () => json({ data: [item] }) });
    const engine = engineOf([DATADOG_ACCOUNT]);
    const normalized = await list(engine, { truto_response_format: "normalized" });
    expect(normalized.entities?.organizations).toEqual({ org1: { id: "org1", name: "Org One" } });
    expect(rejoined(normalized)).toEqual(rowsOf(await list(engine, {})));
  });

  it.each<[string, Line[]]>([
    ["no resource at all", [line("a", {}), { ...line("b"), resource: {} }]],
    ["an environment only", [line("a"), line("b", { resource: { environment: { id: "env-1" } } })]],
    ["a name and no id", [line("a", { resource: { display_name: "orders" } }), line("b")]],
    [
      "one resource in two environments",
      [
        line("a", { resource: { id: "lkc-1", environment: { id: "env-1" } } }),
        line("b", { resource: { id: "lkc-1", environment: { id: "env-2" } } }),
      ],
    ],
    [
      "a resource that was renamed",
      [
        line("a", { resource: { id: "lkc-1", display_name: "orders" } }),
        line("b", { resource: { id: "lkc-1", display_name: "orders-eu" } }),
      ],
    ],
    [
      "a resource whose name is known in one row only",
      [line("a", { resource: { id: "lkc-1", display_name: "orders" } }), line("b", { resource: { id: "lkc-1" } })],
    ],
    [
      "a resource named as another's id",
      [line("a", { resource: { display_name: "lkc-1" } }), line("b", { resource: { id: "lkc-1" } })],
    ],
    [
      "a product and a resource named as members of every object",
      [
        line("a", { product: "__proto__", resource: { id: "constructor" } }),
        line("b", { product: "toString", resource: { id: "__proto__" } }),
      ],
    ],
  ])("joins to the unified rows with %s", async (_what, sent) => {
    confluentAnswers(() => costList(sent));
    const { unified, normalized } = await bothWays({});
    expect(unified).toHaveLength(2);
    expect(rejoined(normalized)).toEqual(unified);
  });

  it("leaves truto_exclude_fields out of the entities, too", async () => {
    confluentAnswers(() => costList([line("a")]));
    const answer = await list(confluentEngine(), {
      truto_response_format: "normalized",
      truto_exclude_fields: ["product.name", "resources.name"],
    });
    expect(answer.entities?.products).toEqual({ KAFKA: { id: "KAFKA" } });
    expect(JSON.stringify(answer)).not.toContain("orders");
  });

  it("leaves out a whole object with its reference", async () => {
    confluentAnswers(() => costList([line("a")]));
    const answer = await list(confluentEngine(), {
      truto_response_format: "normalized",
      truto_exclude_fields: ["product", "resources"],
    });
    expect(rowsOf(answer)[0]).not.toHaveProperty("product_id");
    expect(rowsOf(answer)[0]).not.toHaveProperty("resource_ids");
    expect(JSON.stringify(answer.entities)).not.toContain("KAFKA");
  });
});

describe("stream", () => {
  it("gives all rows where unified gives its usual 100", async () => {
    serveLines();
    const engine = confluentEngine();
    const { limit: _, ...query } = RANGE;
    const stream = await list(engine, { ...query, truto_response_format: "stream" });
    expect((await list(engine, query)).result_count).toBe(100);
    expect([stream.result_count, stream.next_cursor]).toEqual([150, null]);
    expect(rowsOf(stream)).toEqual(rowsOf(await list(engine, RANGE)));
  });
});

const DEBUG_FIELDS = [
  "data",
  "isEmptyResult",
  "isLooping",
  "nextCursor",
  "requestOptions",
  "requestUrl",
  "responseHeaders",
  "resultCount",
];

/** Every spelling in which a secret could leave. */
function spellings(): string[] {
  const [ddKey, ddApp, ccKey, ccSecret] = SECRETS;
  const all = [ddKey, ddApp, ccKey, ccSecret, `${ccKey}:${ccSecret}`];
  return all.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    Buffer.from(secret).toString("base64url"),
    Buffer.from(secret).toString("hex"),
  ]);
}

function expectNoSecret(value: unknown): void {
  const text = JSON.stringify(value);
  for (const secret of spellings()) expect(text).not.toContain(secret);
}

describe("debug", () => {
  it("shows the vendor call in eight fields beside the rows, without a secret", async () => {
    const sent = [line("l1")];
    confluentAnswers(() => costList(sent));
    const engine = confluentEngine();
    const answer = await list(engine, { truto_response_format: "debug" });
    expect(Object.keys(answer.debug ?? {}).sort()).toEqual(DEBUG_FIELDS);
    expect(answer.debug).toMatchObject({ isEmptyResult: false, isLooping: false, nextCursor: null, resultCount: 1 });
    expect(answer.debug?.data).toMatchObject({ data: sent });
    expect(new URL(answer.debug?.requestUrl ?? "").pathname).toBe("/billing/v1/costs");
    expect(Object(answer.debug?.requestOptions).method).toBe("GET");
    expect(Object(answer.debug?.requestOptions).headers).toHaveProperty("authorization");
    expect(rowsOf(answer)).toEqual(rowsOf(await list(engine)));
    expectNoSecret(answer);
  });

  it("has no secret of Datadog's two keys", async () => {
    datadogAnswers({ estimated: () => json({ data: [] }) });
    const answer = await list(engineOf([DATADOG_ACCOUNT, CONFLUENT_ACCOUNT]), {
      integrated_account_id: "datadog",
      truto_response_format: "debug",
    });
    expect(Object.keys(answer.debug ?? {}).sort()).toEqual(DEBUG_FIELDS);
    expect(answer.debug).toMatchObject({ isEmptyResult: true, resultCount: 0 });
    expectNoSecret(answer);
  });

  it("blanks headers in which a vendor or a proxy hands keys or sessions back", async () => {
    confluentAnswers((_url, request) =>
      json({ data: [line("l1")], metadata: {} }, 200, {
        "set-cookie": "session=s3ssion-value",
        "x-echo": request.headers.get("authorization") ?? "",
        "x-api-key": SECRETS[2],
        "x-request-id": "req-1",
      }),
    );
    const answer = await list(confluentEngine(), { truto_response_format: "debug" });
    expectNoSecret(answer);
    expect(JSON.stringify(answer)).not.toContain("s3ssion-value");
    expect(answer.debug?.responseHeaders).toMatchObject({ "x-request-id": "req-1" });
  });

  it("blanks a key that the vendor hands back in its body or in a header that is usually harmless", async () => {
    confluentAnswers((_url, request) =>
      json({ data: [line("l1")], metadata: { self: SECRETS[2] }, seen: request.headers.get("authorization") }, 200, {
        etag: SECRETS[3],
      }),
    );
    expectNoSecret(await list(confluentEngine(), { truto_response_format: "debug" }));
  });

  it("shows the cursor that the answer has", async () => {
    serveLines();
    const answer = await list(confluentEngine(), { ...RANGE, limit: 5, truto_response_format: "debug" });
    expect(answer.next_cursor).not.toBeNull();
    expect(answer.debug?.nextCursor).toBe(answer.next_cursor);
    expect(answer.debug?.resultCount).toBe(5);
  });

  it("says the size of data that does not fit the answer", async () => {
    serveLines();
    const answer = await list(confluentEngine(), { ...RANGE, truto_response_format: "debug" }, { budget: 3000 });
    expect(answer.debug?.data).toEqual(expect.stringContaining("too large"));
    expect(JSON.stringify(answer).length).toBeLessThan(8000);
  });

  it("is shown in no other format", async () => {
    serveLines();
    for (const format of ["unified", "raw", "normalized", "stream"] as const) {
      expect(await list(confluentEngine(), { ...RANGE, truto_response_format: format })).not.toHaveProperty("debug");
    }
  });
});

describe("truto_key_by", () => {
  it("gives an object of the same rows", async () => {
    serveLines();
    const engine = confluentEngine();
    const answer = await list(engine, { ...RANGE, truto_key_by: "id" });
    const rows = rowsOf(await list(engine, RANGE));
    expect(answer.result).toEqual(Object.fromEntries(rows.map((row) => [row["id"], row])));
    expect(answer.result_count).toBe(150);
  });

  it("reads a nested field, and through a list its first item", async () => {
    confluentAnswers(() =>
      costList([line("a"), line("b", { product: "FLINK", resource: { id: "lfcp-1", environment: { id: "env-2" } } })]),
    );
    const keys = async (path: string) => Object.keys((await list(confluentEngine(), { truto_key_by: path })).result);
    expect((await keys("product.id")).sort()).toEqual(["FLINK", "KAFKA"]);
    expect((await keys("resources[].id")).sort()).toEqual(["lfcp-1", "lkc-1"]);
    expect((await keys("resources.workspace.id")).sort()).toEqual(["env-1", "env-2"]);
  });

  it("is refused when two rows share the value, since one would be lost", async () => {
    serveLines();
    const error = await failure(list(confluentEngine(), { ...RANGE, truto_key_by: "product.id" }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "truto_key_by" } });
  });

  it("is refused when a row lacks the value, since it would be lost", async () => {
    confluentAnswers(() => costList([line("a"), { ...line("b"), resource: {} }]));
    const error = await failure(list(confluentEngine(), { truto_key_by: "resources.id" }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "truto_key_by" } });
  });

  it("keeps a row whose value is __proto__", async () => {
    confluentAnswers(() => costList([line("__proto__"), line("constructor")]));
    const { result } = await list(confluentEngine(), { truto_key_by: "id" });
    expect(Object.keys(result).sort()).toEqual(["__proto__", "constructor"]);
  });

  it("goes with pages", async () => {
    serveLines();
    const engine = confluentEngine();
    const first = await list(engine, { ...RANGE, limit: 100, truto_key_by: "id" });
    const second = await list(engine, { ...RANGE, truto_key_by: "id", cursor: first.next_cursor ?? "" });
    expect([...Object.keys(first.result), ...Object.keys(second.result)].sort()).toEqual(lines.map((l) => l.id).sort());
  });
});

describe("truto_exclude_fields", () => {
  it.each<[string[], (row: Item) => unknown, unknown]>([
    [["charges"], (row) => Object.hasOwn(row, "charges"), false],
    [["product.name"], (row) => row["product"], { id: "KAFKA" }],
    [["product.id", "product.name"], (row) => Object.hasOwn(row, "product"), false],
    [["usage.quantity"], (row) => Object.hasOwn(row, "usage"), false],
    [
      ["charges[].currency"],
      (row) => row["charges"],
      [
        { type: "net", amount: 1.5 },
        { type: "total", amount: 2 },
        { type: "discount", amount: 0.5 },
      ],
    ],
    [
      ["charges.currency", "charges.amount"],
      (row) => row["charges"],
      [{ type: "net" }, { type: "total" }, { type: "discount" }],
    ],
    [["resources[].workspace.id"], (row) => row["resources"], [{ id: "lkc-1", name: "orders" }]],
    [["unit", "metric_name"], (row) => [row["unit"], row["metric_name"]], [undefined, undefined]],
  ])("%j leaves those out", async (truto_exclude_fields, part, expected) => {
    confluentAnswers(() => costList([line("a")]));
    const [row] = rowsOf(await list(confluentEngine(), { truto_exclude_fields }));
    expect(row && part(row)).toEqual(expected);
    expect(row?.["start_date"]).toBe("2026-11-01T00:00:00Z");
  });

  it("changes no sum, order or page", async () => {
    serveLines();
    const engine = confluentEngine();
    const query: Query = { ...RANGE, sort_by: "net", limit: 50 };
    const [whole, less] = [
      await list(engine, query),
      await list(engine, { ...query, truto_exclude_fields: ["charges"] }),
    ];
    expect(idsOf(less)).toEqual(idsOf(whole));
    expect((await list(engine, { ...query, cursor: less.next_cursor ?? "" })).result_count).toBe(50);
  });
});

describe("remote_data", () => {
  it("is the vendor's line when it is asked for, and absent when it is not", async () => {
    serveLines();
    const engine = confluentEngine();
    const having = rowsOf(await list(engine, { ...RANGE, truto_ignore_remote_data: false }));
    for (const row of having) expect(row["remote_data"]).toEqual(lines.find(({ id }) => id === row["id"]));
    const without = rowsOf(await list(engine, { ...RANGE, truto_ignore_remote_data: true }));
    expect(without).toEqual(having.map(({ remote_data: _, ...row }) => row));
  });

  it.each([true, false])("is %s without the parameter where the front says so", async (withRemoteData) => {
    confluentAnswers(() => costList([line("a")]));
    const [row] = rowsOf(await list(confluentEngine(), {}, { withRemoteData }));
    expect(Object.hasOwn(row ?? {}, "remote_data")).toBe(withRemoteData);
  });

  it("is asked for beside what a front usually leaves out, and left out beside what it usually gives", async () => {
    confluentAnswers(() => costList([line("a")]));
    for (const ignored of [true, false]) {
      const query: Query = { truto_ignore_remote_data: ignored };
      const [row] = rowsOf(await list(confluentEngine(), query, { withRemoteData: ignored }));
      expect(Object.hasOwn(row ?? {}, "remote_data")).toBe(!ignored);
    }
  });
});

describe("next_cursor", () => {
  it("is another name of cursor", async () => {
    serveLines();
    const engine = confluentEngine();
    const { next_cursor } = await list(engine, { ...RANGE, limit: 60 });
    const token = next_cursor ?? "";
    const [a, b, both] = [
      await list(engine, { ...RANGE, cursor: token }),
      await list(engine, { ...RANGE, next_cursor: token }),
      await list(engine, { ...RANGE, cursor: token, next_cursor: token }),
    ];
    expect(idsOf(a)).toHaveLength(90);
    expect([idsOf(b), idsOf(both)]).toEqual([idsOf(a), idsOf(a)]);
  });

  it("is refused beside another cursor", async () => {
    const asked = serveLines();
    const error = await failure(list(confluentEngine(), { ...RANGE, cursor: "a", next_cursor: "b" }));
    expect(error).toMatchObject({ kind: "question", details: { parameter: "cursor" } });
    expect(asked).toEqual([]);
  });
});
