import { createHash } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { iso } from "../../../src/usage/period.ts";
import { endServersAfterwards } from "../../vendor-http/loopback.ts";
import { ask, rowsOf } from "./ask.ts";
import { endServicesAfterwards, NOW, type Service, startService } from "./service.ts";
import { AUTUMN, costs, lines, linesOf, startConfluent, type Vendor } from "./vendors.ts";

endServersAfterwards();
endServicesAfterwards();

let vendor: Vendor;
let service: Service;
/** What happens before the vendor answers. */
let slowly = () => {};
beforeAll(async () => {
  vendor = await startConfluent((url) => {
    slowly();
    return costs(url);
  });
  service = await startService([vendor.account]);
});
beforeEach(() => {
  vendor.asked.length = 0;
});

const OCTOBER = { start_date: "2026-10-01", end_date: "2026-11-01" };
const octoberLines = linesOf("2026-10");

describe("the envelope", () => {
  it("has the unified fields first and ours behind", async () => {
    const { status, headers, body } = await ask(service.usage, { ...OCTOBER, limit: 5 });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    expect(Object.keys(body).slice(0, 3)).toEqual(["result", "next_cursor", "prev_cursor"]);
    expect(body).toEqual({
      result: expect.any(Array),
      next_cursor: expect.stringMatching(/^u2\./),
      prev_cursor: null,
      result_count: 5,
      is_partial_response: false,
      integrated_account_id: "confluent",
      provider: "confluent",
      report_type: "cost",
      period: { start_date: "2026-10-01T00:00:00Z", end_date: "2026-11-01T00:00:00Z" },
      data_as_of: iso(NOW),
      warnings: [],
    });
  });

  it("ends with a null cursor, and an empty one says why", async () => {
    const { body } = await ask(service.usage, { ...OCTOBER, limit: 1000 });
    expect(body).toMatchObject({ next_cursor: null, result_count: octoberLines });
    expect((await ask(service.usage, { ...OCTOBER, product_ids: "NONE" })).body).toMatchObject({
      result: [],
      next_cursor: null,
      result_count: 0,
      hint: expect.stringContaining("No row matches product_ids NONE"),
    });
  });

  it("never holds nothing and a cursor: a filter that few rows pass", async () => {
    const all = rowsOf(await ask(service.usage, { ...AUTUMN, limit: 1000 }));
    const found: unknown[] = [];
    for (let cursor: unknown = ""; cursor !== null; ) {
      const answer = await ask(service.usage, { ...AUTUMN, product_ids: "FLINK", limit: 4, next_cursor: cursor });
      expect(rowsOf(answer).length).toBeGreaterThan(0);
      found.push(...rowsOf(answer));
      cursor = answer.body["next_cursor"];
    }
    expect(found).toEqual(all.filter(({ product }) => JSON.stringify(product).includes("FLINK")));
  });

  it("is the only account's where there is one", async () => {
    const [left, named] = [
      await ask(service.usage, OCTOBER),
      await ask(service.usage, { ...OCTOBER, integrated_account_id: "confluent" }),
    ];
    expect(named.body).toEqual(left.body);
  });
});

describe("request parameters", () => {
  it("limit: 100 unless it is given", async () => {
    expect(rowsOf(await ask(service.usage, AUTUMN))).toHaveLength(100);
    expect(rowsOf(await ask(service.usage, { ...AUTUMN, limit: 7 }))).toHaveLength(7);
  });

  it("page and page_size", async () => {
    const all = rowsOf(await ask(service.usage, { ...AUTUMN, limit: 1000 }));
    expect(rowsOf(await ask(service.usage, { ...AUTUMN, page: 3, page_size: 20 }))).toEqual(all.slice(40, 60));
  });

  it("page ends with the rows it has when clients would give it up, and the cursor goes on", async () => {
    const all = rowsOf(await ask(service.usage, { ...AUTUMN, limit: 1000 }));
    const real = performance.now.bind(performance);
    let passed = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => real() + passed);
    slowly = () => {
      passed += 6_000;
    };
    try {
      const first = await ask(service.usage, { ...AUTUMN, limit: 1000 });
      expect(rowsOf(first)).toEqual(all.slice(0, linesOf("2026-09") + linesOf("2026-10")));
      expect(first.body).toMatchObject({ next_cursor: expect.any(String), is_partial_response: false });
      const rest = await ask(service.usage, { ...AUTUMN, limit: 1000, next_cursor: first.body["next_cursor"] });
      expect(rowsOf(rest)).toEqual(all.slice(rowsOf(first).length));
      expect(rest.body["next_cursor"]).toBeNull();
      // In an order of ours nothing is there before all is read.
      const sorted = await ask(service.usage, { ...AUTUMN, limit: 1000, sort_by: "net" });
      expect(sorted.body).toMatchObject({ result_count: all.length, next_cursor: null });
    } finally {
      slowly = () => {};
      clock.mockRestore();
    }
  });

  it("truto_ignore_limit", async () => {
    expect(rowsOf(await ask(service.usage, { ...AUTUMN, limit: 7, truto_ignore_limit: true }))).toHaveLength(
      lines.length,
    );
    expect(rowsOf(await ask(service.usage, { ...AUTUMN, limit: 7, truto_ignore_limit: false }))).toHaveLength(7);
  });

  it("truto_ignore_remote_data", async () => {
    const [row] = rowsOf(await ask(service.usage, OCTOBER));
    expect(lines).toContainEqual(row?.["remote_data"]);
    for (const spelled of ["true", "True", "1"]) {
      const { remote_data: _, ...rest } = row ?? {};
      expect(rowsOf(await ask(service.usage, { ...OCTOBER, truto_ignore_remote_data: spelled }))[0]).toEqual(rest);
    }
  });

  it.each([
    "truto_exclude_fields[]=id&truto_exclude_fields[]=remote_data",
    "truto_exclude_fields%5B0%5D=id&truto_exclude_fields%5B1%5D=remote_data",
    "truto_exclude_fields=id&truto_exclude_fields=remote_data",
    "truto_exclude_fields=id,remote_data",
  ])("%s", async (search) => {
    const [whole] = rowsOf(await ask(service.usage, OCTOBER));
    const { id: _, remote_data: __, ...rest } = whole ?? {};
    expect(rowsOf(await ask(service.usage, `start_date=2026-10-01&end_date=2026-11-01&${search}`))[0]).toEqual(rest);
  });

  it("truto_key_by", async () => {
    const rows = rowsOf(await ask(service.usage, OCTOBER));
    const { body } = await ask(service.usage, { ...OCTOBER, truto_key_by: "id" });
    expect(body["result"]).toEqual(Object.fromEntries(rows.map((row) => [row["id"], row])));
    expect(body["result_count"]).toBe(rows.length);
    const refused = await ask(service.usage, { ...OCTOBER, truto_key_by: "product.id" });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/^truto_key_by: several rows/) },
    });
  });

  it.each([
    "remote_query[foo]=bar&remote_query[list][0]=1",
    "remote_query%5Bfoo%5D=bar&remote_query%5Blist%5D%5B%5D=1",
  ])("%s reaches the vendor", async (search) => {
    await ask(service.usage, `start_date=2026-10-01&end_date=2026-11-01&${search}`);
    const asked = new URL(vendor.asked[0]?.url ?? "", vendor.url).searchParams;
    expect(asked.get("foo")).toBe("bar");
    expect(asked.getAll("list[]")).toEqual(["1"]);
  });

  it("remote_query takes nobody elsewhere", async () => {
    const refused = await ask(service.usage, "remote_query[host]=evil.example");
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringMatching(/^remote_query\.host: /) } });
    expect(vendor.asked).toEqual([]);
  });
});

describe("formats", () => {
  const query = { ...OCTOBER, limit: 1000 };

  it("unified is what there is without one", async () => {
    const [left, named] = [
      await ask(service.usage, query),
      await ask(service.usage, { ...query, truto_response_format: "unified" }),
    ];
    expect(named.body).toEqual(left.body);
  });

  it("raw", async () => {
    const { body } = await ask(service.usage, { ...query, truto_response_format: "raw" });
    const october = lines.filter(({ start_date }) => start_date.startsWith("2026-10"));
    expect(new Set(Object(body["result"]))).toEqual(new Set(october));
  });

  it("normalized", async () => {
    const { body } = await ask(service.usage, { ...query, truto_response_format: "normalized" });
    expect(Object.keys(Object(Object(body["entities"])["products"])).sort()).toEqual(["CONNECT", "FLINK", "KAFKA"]);
    expect(rowsOf({ status: 200, body })[0]).toHaveProperty("product_id");
  });

  it("debug", async () => {
    const { body } = await ask(service.usage, { ...query, truto_response_format: "debug" });
    expect(body["result"]).toEqual((await ask(service.usage, query)).body["result"]);
    expect(Object.keys(Object(body["debug"])).sort()).toEqual([
      "data",
      "isEmptyResult",
      "isLooping",
      "nextCursor",
      "requestOptions",
      "requestUrl",
      "responseHeaders",
      "resultCount",
    ]);
    // However large it is: programs have no small context.
    expect(Object(body["debug"])).toMatchObject({ data: { kind: "CostList" }, resultCount: octoberLines });
    expect(JSON.stringify(body["debug"])).not.toMatch(/s3cret/);
  });

  it("any other is refused", async () => {
    expect(await ask(service.usage, { truto_response_format: "xml" })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("is not one of unified, raw, normalized, stream, debug") },
    });
  });
});

describe("truto_skip_api_call", () => {
  it.each([
    ["unified", {}],
    ["debug", { debug: null }],
    ["stream", {}],
  ])("checks the query and asks nobody: %s", async (format, more) => {
    const { status, body } = await ask(service.usage, {
      ...OCTOBER,
      truto_skip_api_call: true,
      truto_response_format: format,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ result: [], next_cursor: null, result_count: 0, report_type: "cost", ...more });
    expect(body).toMatchObject({ period: { start_date: "2026-10-01T00:00:00Z", end_date: "2026-11-01T00:00:00Z" } });
    expect(vendor.asked).toEqual([]);
  });

  it.each([
    [{ page: 2 }, /^page: a stream gives every row as one page/],
    [{ truto_key_by: "id" }, /^truto_key_by: a stream gives its rows one by one/],
  ])("finds what a stream would refuse: %o", async (wrong, message) => {
    const query = { ...OCTOBER, ...wrong, truto_response_format: "stream", truto_skip_api_call: true };
    const { status, body } = await ask(service.usage, query);
    expect([status, body["message"]]).toEqual([400, expect.stringMatching(message)]);
    expect((await ask(service.usage, { ...query, truto_response_format: "unified" })).status).toBe(200);
    expect(vendor.asked).toEqual([]);
  });

  it("finds what is wrong, dates and cursors included", async () => {
    for (const wrong of [{ start_date: "soon" }, { user_ids: "me" }, { next_cursor: "u2.forged" }, { limit: 0 }]) {
      const [name = ""] = Object.keys(wrong);
      const { status, body } = await ask(service.usage, { ...wrong, truto_skip_api_call: true });
      expect({ status, message: body["message"] }).toEqual({
        status: 400,
        message: expect.stringMatching(new RegExp(`^${name === "next_cursor" ? "cursor" : name}: `)),
      });
    }
    expect(vendor.asked).toEqual([]);
  });
});

describe("the longest queries that a server takes", () => {
  const filled = (part: (index: number) => string) => {
    let text = "truto_skip_api_call=1";
    for (let index = 0; text.length < 15_000; index++) text += `&${part(index)}`;
    return text;
  };

  it.each([
    ["ids", 200, filled((index) => `product_ids[]=product-number-${index}-of-a-long-list`)],
    [
      "dimensions",
      200,
      filled((index) => `group_by[${index}]=${index % 2 ? "product" : "workspace"}&&&&&&&&&&&&&&&&&&&`),
    ],
    ["fields", 200, `truto_skip_api_call=1&truto_exclude_fields=${"resources.workspace.name,id,".repeat(200)}id`],
    ["levels", 400, `remote_query${"[a]".repeat(4000)}=1`],
    ["names", 400, filled((index) => `p${index}=1`)],
    ["values for the vendor", 400, filled((index) => `remote_query[a][b][${index}]=1`)],
  ])("are answered at once: %s", async (_what, expected, query) => {
    const times: number[] = [];
    for (let time = 0; time < 4; time++) {
      const started = performance.now();
      const { status } = await ask(service.usage, query);
      times.push(performance.now() - started);
      expect(status).toBe(expected);
    }
    expect(Math.min(...times)).toBeLessThan(50);
    expect(vendor.asked).toEqual([]);
  });
});

describe("methods", () => {
  it("HEAD is answered like GET, without rows and without asking the vendor", async () => {
    const [right, wrong] = await Promise.all([
      fetch(service.usage, { method: "HEAD" }),
      fetch(`${service.usage}?limit=ten`, { method: "HEAD" }),
    ]);
    expect([right.status, wrong.status]).toEqual([200, 400]);
    expect(right.headers.get("content-type")).toMatch(/json/);
    expect(await right.text()).toBe("");
    expect(vendor.asked).toEqual([]);
  });

  it("OPTIONS tells which there are", async () => {
    const response = await fetch(service.usage, { method: "OPTIONS" });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("%s is refused", async (method) => {
    const { status, headers, body } = await ask(service.usage, "", { method });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(body).toMatchObject({
      statusCode: 405,
      error: "Method Not Allowed",
      message: expect.stringContaining(method),
    });
  });
});

describe("callers", () => {
  const token = "a-token-of-the-tests";
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  const sha256 = createHash("sha256").update(token).digest("hex");
  const second = () => ({ ...vendor.account, id: "second" });
  const third = () => ({ ...vendor.account, id: "third" });

  it("of several accounts must say which", async () => {
    const { usage } = await startService([vendor.account, second()]);
    const { status, body } = await ask(usage, OCTOBER);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        statusCode: 400,
        error: "Bad Request",
        message: "integrated_account_id: is needed, since there are several accounts: confluent, second.",
        truto_error_insight: {
          missing_required_query_parameters: { description: expect.any(String), value: ["integrated_account_id"] },
        },
      },
    });
  });

  it.each(["", "[]", "%5B0%5D", "=&integrated_account_id"])(
    "have a share of each account, however they name it: integrated_account_id%s",
    async (spelling) => {
      const { usage } = await startService([vendor.account, second()], {
        http: { limits: { requests_per_account: 2 } },
      });
      const query = `truto_skip_api_call=1&integrated_account_id${spelling}=second`;
      const statuses: number[] = [];
      for (let time = 0; time < 3; time++) statuses.push((await ask(usage, query)).status);
      expect(statuses).toEqual([200, 200, 429]);
    },
  );

  it("see no account of others: it is as one that does not exist", async () => {
    const tokens = [{ name: "a", sha256, accounts: ["second"] }];
    const { usage, url } = await startService([vendor.account, second(), third()], { http: { tokens } });
    const answers = await Promise.all(
      ["confluent", "conflueNt"].map((id) => ask(usage, { integrated_account_id: id }, bearer)),
    );
    for (const { status, body } of answers) {
      expect({ status, body }).toMatchObject({
        status: 404,
        body: { statusCode: 404, error: "Not Found", message: expect.stringMatching(/there are second\.$/) },
      });
      expect(body).not.toHaveProperty("truto_is_remote_error");
    }
    expect((await ask(usage, {}, bearer)).body).toMatchObject({ integrated_account_id: "second" });
    const capabilities = (id: string) => fetch(`${url}/integrated-account/${id}/capabilities`, bearer);
    expect((await capabilities("confluent")).status).toBe(404);
    expect(await (await capabilities("second")).json()).toMatchObject({
      integrated_account_id: "second",
      provider: "confluent",
      unified_models: { "usage-metering": { usage: ["list"] } },
    });
  });
});
