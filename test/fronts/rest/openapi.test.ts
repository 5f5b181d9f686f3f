import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Engine } from "../../../src/engine/engine.ts";
import { openAccess } from "../../../src/fronts/http/access.ts";
import { createApp } from "../../../src/fronts/http/app.ts";
import { readHttpConfig } from "../../../src/fronts/http/config.ts";
import { createMetrics } from "../../../src/fronts/http/metrics.ts";
import { openApiDocument, type Served } from "../../../src/fronts/rest/openapi.ts";
import { SILENT } from "../../../src/log.ts";
import { cursorCodec } from "../../providers/edge.ts";
import { document, documentSchema, expectDocumented, fieldsBelow } from "./document.ts";
import { endServicesAfterwards, startService, USAGE } from "./service.ts";

endServicesAfterwards();

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");

const reference = z
  .object({
    query_params: z.array(z.looseObject({ name: z.string(), type: z.string(), description: z.string().optional() })),
    request_params: z.array(z.looseObject({ name: z.string(), type: z.string(), description: z.string().optional() })),
    row_fields: z.array(z.looseObject({ path: z.string(), type: z.string(), required: z.boolean().optional() })),
    envelope: z.array(z.looseObject({ path: z.string() })),
  })
  .parse(JSON.parse(read("test/reference/unified-usage.json")));

const ISSUER = "https://id.tidewater-robotics.example";
const SERVED: [string, Served][] = [
  ["bearer tokens", { version: "1.2.3", tokens: true }],
  ["no tokens", { version: "1.2.3", tokens: false }],
  ["an authorization server", { version: "1.2.3", tokens: false, issuer: ISSUER }],
  ["both", { version: "1.2.3", tokens: true, issuer: ISSUER }],
];

describe.each(SERVED)("the OpenAPI document of a server with %s", (_, served) => {
  it("passes a public linter's recommended rules", async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const source = JSON.stringify(openApiDocument(served), null, 2);
    const problems = await lintFromString({ source, absoluteRef: "/openapi.json", config });
    // The probes take no parameter, need no token and come before all that refuses: there is no 4XX that they answer.
    expect(problems.map(({ severity, ruleId, location: [at] }) => [severity, ruleId, at?.pointer])).toEqual([
      ["warn", "operation-4xx-response", "#/paths/~1healthz/get/responses"],
      ["warn", "operation-4xx-response", "#/paths/~1readyz/get/responses"],
    ]);
  });

  it("names every route that is served, and no other", () => {
    const oauth = {
      issuer: ISSUER,
      audience: "usage",
      resource: "https://usage.example/mcp",
      scopes: { usage: ["*"] },
    };
    const section = served.issuer === undefined ? {} : { oauth };
    const engine = new Engine({ accounts: [], cursors: cursorCodec(), clock: Date.now, log: SILENT });
    const { app } = createApp({
      engine,
      config: readHttpConfig(section, "of the test", {}, []),
      log: SILENT,
      metrics: createMetrics(),
      access: openAccess(engine),
      hosts: undefined,
      stage: () => "serving",
    });
    // /mcp takes every method, to refuse what is not POST in MCP's own words; the rest under ALL are refusals and middleware.
    const routes = app.routes
      .filter(({ method, path }) => method === "GET" || path === "/mcp")
      .map(({ path }) => path.replace(/:(\w+)/g, "{$1}"))
      // The same metadata, once more where RFC 9728 has it for a resource with a path.
      .filter((path) => path !== "/.well-known/oauth-protected-resource/mcp");
    const { paths } = documentSchema.parse(openApiDocument(served));
    expect([...new Set(routes)].sort()).toEqual(Object.keys(paths).sort());
  });

  it("says how a caller is let in, and what is open to all", () => {
    const written = z
      .looseObject({
        security: z.array(z.record(z.string(), z.array(z.string()))),
        components: z.looseObject({ securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })) }),
        paths: z.record(z.string(), z.record(z.string(), z.looseObject({ security: z.array(z.unknown()).optional() }))),
      })
      .parse(openApiDocument(served));
    const { securitySchemes } = written.components;
    expect(Object.keys(securitySchemes)).toEqual([
      ...(served.tokens ? ["bearer"] : []),
      ...(served.issuer === undefined ? [] : ["oauth"]),
    ]);
    expect(written.security).toEqual(Object.keys(securitySchemes).map((name) => ({ [name]: [] })));
    if (served.issuer !== undefined)
      expect(securitySchemes["oauth"]?.["openIdConnectUrl"]).toBe(`${ISSUER}/.well-known/openid-configuration`);
    const open = Object.entries(written.paths).filter(([, { get }]) => get?.security?.length === 0);
    expect(open.map(([path]) => path).filter((path) => !path.startsWith("/.well-known/"))).toEqual([
      "/openapi.json",
      "/healthz",
      "/readyz",
    ]);
  });
});

const parameters = document.paths[USAGE]?.["get"]?.parameters ?? [];

describe("the parameters of the usage endpoint", () => {
  const due = [...reference.query_params, ...reference.request_params];

  it("are the page's 19 and 7, next_cursor, fresh, and what the page names elsewhere", () => {
    expect(parameters.map(({ name }) => name)).toEqual([
      ...due.map(({ name }) => name),
      "next_cursor",
      "fresh",
      "truto_skip_api_call",
    ]);
    expect(parameters.every((parameter) => parameter.in === "query")).toBe(true);
  });

  it.each(due)("$name has the page's type, values, default and words", ({ name, type, description, ...rest }) => {
    const found = parameters.find((parameter) => parameter.name === name);
    const schema = z
      .looseObject({ type: z.string(), items: z.looseObject({ type: z.string() }).optional() })
      .parse(found?.schema);
    const ours = schema.type === "array" ? `${schema.items?.type}[]` : schema.type;
    expect(ours).toBe(type.startsWith("Record<") ? "object" : type);
    expect(schema["enum"]).toEqual(rest["enum"]);
    expect(schema["default"]).toEqual(rest["default"]);
    if (description !== undefined) expect(found?.description.startsWith(description)).toBe(true);
    expect(found?.description.length).toBeGreaterThan(10);
  });

  it("are written as clients send them", () => {
    const ways = parameters.map(({ name, style, explode, schema }) => [name, schema["type"], style, explode]);
    for (const [name, type, style, explode] of ways) {
      const way = type === "array" ? ["form", true] : type === "object" ? ["deepObject", true] : [undefined, undefined];
      expect([name, style, explode]).toEqual([name, ...way]);
    }
    expect(ways.filter(([, type]) => type === "array").map(([name]) => name)).toEqual([
      "product_ids",
      "user_ids",
      "model_ids",
      "surfaces",
      "group_by",
      "truto_exclude_fields",
    ]);
  });

  it("show the page's examples", () => {
    const example = (name: string) => parameters.find((parameter) => parameter.name === name)?.example;
    expect(example("integrated_account_id")).toBe("62f44730-dd91-461e-bd6a-aedd9e0ad79d");
    expect(example("truto_response_format")).toBe("unified");
    expect(example("truto_key_by")).toBe("id");
    expect(example("truto_exclude_fields")).toEqual(["id", "name"]);
    expect(example("remote_query")).toEqual({ foo: "bar" });
  });
});

describe("the row and the envelope", () => {
  const fields = fieldsBelow(document.components.schemas["Usage"] ?? {});

  it("the page has 88 row fields, and the document no other but the object that two of them stand in", () => {
    const known = reference.row_fields.map(({ path }) => path);
    expect(known).toHaveLength(88);
    expect([...fields.keys()].filter((path) => !known.includes(path))).toEqual(["usage.code.file_extensions"]);
  });

  it.each(reference.row_fields)("$path is there, with type $type", ({ path, type, required }) => {
    const plain = type === "date-time" ? "string" : type.startsWith("Record<") ? "object" : type;
    expect(fields.get(path)?.type).toBe(plain);
    if (required) expect(fields.get(path)?.required).toBe(true);
  });

  it("the page's envelope is in the document, with all its debug fields", () => {
    const page = z
      .looseObject({
        properties: z.record(z.string(), z.looseObject({ anyOf: z.array(z.looseObject({})).optional() })),
      })
      .parse(document.components.schemas["DebugPage"]);
    const debug = page.properties["debug"]?.anyOf?.[0] ?? {};
    const ours = [
      ...Object.keys(page.properties),
      ...Object.keys(z.record(z.string(), z.unknown()).parse(debug["properties"])).map((name) => `debug.${name}`),
    ];
    expect(reference.envelope.length).toBe(11);
    expect(ours).toEqual(expect.arrayContaining(reference.envelope.map(({ path }) => path)));
  });
});

describe("the document as it is handed out", () => {
  const ACCOUNT = { id: "cursor", provider: "cursor", credentials: { api_key: "never-asked" } };

  it("docs/openapi.json is that of this version", () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));
    const stored: unknown = JSON.parse(read("docs/openapi.json"));
    expect(stored, "npm run docs writes it").toEqual(openApiDocument({ version, tokens: true }));
  });

  it("is given without a token, to GET and HEAD, to known hosts only", async () => {
    const sha256 = "0".repeat(64);
    const { url } = await startService([ACCOUNT], { http: { tokens: [{ name: "agents", sha256, accounts: ["*"] }] } });
    const answer = await fetch(`${url}/openapi.json`);
    const given = z.looseObject({ openapi: z.string() }).parse(await expectDocumented(answer, "/openapi.json"));
    expect(given.openapi).toBe("3.1.1");
    expect(given).toEqual(openApiDocument({ version: "0.0.0-source", tokens: true }));
    const head = await fetch(`${url}/openapi.json`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([200, "application/json", ""]);
    const posted = await fetch(`${url}/openapi.json`, { method: "POST" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const foreign = await fetch(`${url}/openapi.json`, { headers: { origin: "https://elsewhere.example" } });
    expect(foreign.status).toBe(403);
    await expectDocumented(foreign, "/openapi.json");
  });
});
