import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type Account, PROVIDERS } from "../../../src/accounts/account.ts";
import { readConfig } from "../../../src/accounts/config.ts";
import { metaAnswer } from "../../../src/fronts/rest/meta-schema.ts";
import { supportOf } from "../../../src/providers/index.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { QUERY_PARAMS, querySchema } from "../../../src/usage/query.ts";
import { document, expectDocumented, faultOf, fieldsBelow } from "./document.ts";
import { endServicesAfterwards, type Service, startSandboxService } from "./service.ts";

endServicesAfterwards();

const META = "/unified/usage-metering/usage/meta/list";
const sha256 = (token: string) => createHash("sha256").update(token).digest("hex");
const TOKENS = [
  { name: "all", sha256: sha256("of-all"), accounts: ["*"] },
  { name: "codex", sha256: sha256("of-codex"), accounts: ["codex", "datadog"] },
];
const errorSchema = z.looseObject({ statusCode: z.number(), message: z.string() });

let service: Service;
beforeAll(async () => {
  service = await startSandboxService({ http: { tokens: TOKENS } });
});

function ask(query = "", token = "of-all", init: RequestInit = {}): Promise<Response> {
  return fetch(`${service.url}${META}${query}`, { headers: { authorization: `Bearer ${token}` }, ...init });
}

async function describedTo(token: string, query = "") {
  const answer = await ask(query, token);
  expect(answer.status).toBe(200);
  return metaAnswer.parse(await expectDocumented(answer, META));
}

async function refusedTo(token: string, query: string) {
  const answer = await ask(query, token);
  const { statusCode, message } = errorSchema.parse(await expectDocumented(answer, META));
  expect(statusCode).toBe(answer.status);
  return { status: answer.status, message };
}

describe("what meta/list tells of the endpoint", () => {
  it("has JSON Schemas of the query, the row and the envelope, as the document has them", async () => {
    const { query_schema, schema, envelope_schema, request_params } = await describedTo("of-all");
    for (const one of [query_schema, schema, envelope_schema])
      expect(one["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    const documented = document.paths["/unified/usage-metering/usage"]?.["get"]?.parameters ?? [];
    expect([...fieldsBelow(query_schema).keys()]).toEqual(documented.map(({ name }) => name));
    expect([...QUERY_PARAMS, ...request_params, "next_cursor", "fresh", "truto_skip_api_call"]).toEqual(
      documented.map(({ name }) => name),
    );
    expect([...fieldsBelow(schema)]).toEqual([...fieldsBelow(document.components.schemas["Usage"] ?? {})]);
  });

  it("its schema of the query takes what the endpoint takes, and refuses what it refuses", async () => {
    const { query_schema } = await describedTo("of-all");
    const whole = { report_type: "cost", group_by: ["model"], limit: 5, remote_query: { a: { b: "c" } } };
    expect(querySchema.safeParse(whole).success).toBe(true);
    expect(faultOf(whole, query_schema)).toBe(undefined);
    expect(faultOf({ ...whole, truto_skip_api_call: true }, query_schema)).toBe(undefined);
    for (const [query, about] of [
      [{ report_type: "costs" }, "report_type"],
      [{ group_by: "model" }, "group_by"],
      [{ limit: "ten" }, "limit"],
      [{ gruop_by: ["model"] }, "additional"],
    ] as const) {
      expect(querySchema.safeParse(query).success, about).toBe(false);
      expect(faultOf(query, query_schema), about).toContain(about);
    }
  });

  it("its schemas of the row and the envelope hold for real answers", async () => {
    const { accounts, schema, envelope_schema } = await describedTo("of-all");
    for (const { integrated_account_id } of accounts) {
      for (const format of ["unified", "normalized", "debug", "stream"]) {
        const query = `?integrated_account_id=${integrated_account_id}&limit=20&truto_response_format=${format}`;
        const answer = await fetch(`${service.usage}${query}`, { headers: { authorization: "Bearer of-all" } });
        const body = z.looseObject({ result: z.array(z.looseObject({})) }).parse(await answer.json());
        const about = `${integrated_account_id} ${format}`;
        expect(faultOf(body, envelope_schema), about).toBe(undefined);
        expect(body.result.length, about).toBeGreaterThan(0);
        for (const row of body.result) expect(faultOf(row, schema), about).toBe(undefined);
        const { prev_cursor: _, ...rest } = body;
        expect(faultOf(rest, envelope_schema), about).toContain("prev_cursor");
      }
    }
  });
});

async function sandboxAccounts(): Promise<Account[]> {
  const sandbox = await startSandbox({ now: () => new Date() });
  await sandbox.close();
  return [...readConfig({ accounts: sandbox.accounts }, "test", {})];
}

describe("what meta/list tells of support", () => {
  it("is the table that queries are checked against, cell by cell", async () => {
    const { providers } = await describedTo("of-all");
    const accounts = await sandboxAccounts();
    let cells = 0;
    for (const { provider, integrated_account_ids, reports, params } of providers) {
      const account = accounts.find(({ id }) => id === integrated_account_ids[0]);
      if (!account) throw new Error(`${provider} is described, and has no account`);
      const support = supportOf(account);
      expect(reports.map(({ report_type }) => report_type).sort()).toEqual(Object.keys(support.reports).sort());
      for (const { report_type, fields, group_by, granularity } of reports) {
        const report = support.reports[report_type];
        expect([fields, group_by, granularity]).toEqual([report?.fields, report?.dimensions, report?.granularities]);
        for (const name of QUERY_PARAMS) {
          if (name === "report_type") continue;
          const told = params[name];
          const cell = told?.by_report?.find(({ report_types }) => report_types.includes(report_type)) ?? told;
          expect(cell?.support, `${provider} ${report_type} ${name}`).toBe(report?.params[name]?.how ?? "unsupported");
          cells++;
        }
      }
    }
    expect(cells).toBeGreaterThan(200);
  });

  it("what it calls unsupported is refused by the endpoint, and nothing else is", async () => {
    const { providers } = await describedTo("of-all");
    const values: Partial<Record<string, string>> = {
      sort_by: "start_date",
      sort_order: "asc",
      include_deleted_users: "true",
      limit: "5",
      user_ids: "ada",
    };
    for (const { integrated_account_ids, reports, params } of providers) {
      const [account = ""] = integrated_account_ids;
      for (const { report_type } of reports) {
        for (const [name, value = ""] of Object.entries(values)) {
          const told = params[name];
          const cell = told?.by_report?.find(({ report_types }) => report_types.includes(report_type)) ?? told;
          // An order needs something to order by.
          const order = name === "sort_order" && cell?.support !== "unsupported" ? { sort_by: "start_date" } : {};
          const query = new URLSearchParams({ integrated_account_id: account, report_type, ...order, [name]: value });
          query.set("truto_skip_api_call", "true");
          const { status } = await fetch(`${service.usage}?${query}`, { headers: { authorization: "Bearer of-all" } });
          expect(status, `${account} ${report_type} ${name}`).toBe(cell?.support === "unsupported" ? 400 : 200);
        }
      }
    }
  });

  it("is narrowed to an account, a provider, a report", async () => {
    const one = await describedTo("of-all", "?integrated_account_id=codex");
    expect(one.accounts.map(({ integrated_account_id }) => integrated_account_id)).toEqual(["codex"]);
    expect(one.providers.map(({ integrated_account_ids }) => integrated_account_ids)).toEqual([["codex"]]);
    const cursor = await describedTo("of-all", "?provider=cursor");
    expect(cursor.providers.map(({ provider }) => provider)).toEqual(["cursor"]);
    const cost = await describedTo("of-all", "?report_type=cost");
    expect(new Set(cost.providers.map(({ provider }) => provider))).toEqual(new Set(PROVIDERS));
    for (const { reports } of cost.providers)
      expect(reports.every(({ report_type }) => report_type === "cost")).toBe(true);
    // As its clients send what they leave empty.
    const same = await describedTo("of-all", "?integrated_account_id=&next_cursor=&provider=cursor");
    expect(same).toEqual(cursor);
  });
});

describe("whom meta/list tells what", () => {
  it("a caller sees its own accounts only, and the providers of these", async () => {
    const { accounts, providers } = await describedTo("of-codex");
    expect(accounts.map(({ integrated_account_id }) => integrated_account_id).sort()).toEqual(["codex", "datadog"]);
    expect(providers.flatMap(({ integrated_account_ids }) => integrated_account_ids).sort()).toEqual([
      "codex",
      "datadog",
    ]);
    const everywhere = await ask("", "of-codex").then((answer) => answer.text());
    for (const id of service.accounts.filter((account) => !["codex", "datadog"].includes(account)))
      expect(everywhere).not.toContain(`"integrated_account_id":"${id}"`);
  });

  it("a provider of foreign accounts is described without them", async () => {
    const { accounts, providers } = await describedTo("of-codex", "?provider=cursor");
    expect([accounts, providers.map(({ integrated_account_ids }) => integrated_account_ids)]).toEqual([[], [[]]]);
  });

  it("a foreign account is answered as one that does not exist", async () => {
    const foreign = await refusedTo("of-codex", "?integrated_account_id=cursor");
    const nowhere = await refusedTo("of-codex", "?integrated_account_id=nowhe1");
    expect(foreign.status).toBe(404);
    expect(foreign.message.replace("cursor", "nowhe1")).toBe(nowhere.message);
    expect(nowhere.status).toBe(404);
  });

  it.each([
    { query: "?provider=cursr", message: /^provider: 'cursr' is not one of .* Did you mean 'cursor'\?$/ },
    { query: "?report_type=costs", message: /^report_type: 'costs' is not one of .* Did you mean 'cost'\?$/ },
    { query: "?limit=5", message: /^limit: there is no such parameter\./ },
    { query: "?__proto__=1", message: /^__proto__: there is no such parameter/ },
    { query: "?provider=cursor&provider=claude", message: /^provider: it is given twice/ },
    { query: "?integrated_account_id=codex&provider=cursor", message: /^provider: account codex is of openai_codex/ },
  ])("$query is refused", async ({ query, message }) => {
    const refused = await refusedTo("of-all", query);
    expect(refused.status).toBe(400);
    expect(refused.message).toMatch(message);
  });

  it("needs a token, and is only read", async () => {
    const nobody = await fetch(`${service.url}${META}`);
    expect([nobody.status, nobody.headers.has("www-authenticate")]).toEqual([401, true]);
    await expectDocumented(nobody, META);
    const posted = await ask("", "of-all", { method: "POST", headers: { authorization: "Bearer of-all" } });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await ask("", "of-all", { method: "HEAD", headers: { authorization: "Bearer of-all" } });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });
});
