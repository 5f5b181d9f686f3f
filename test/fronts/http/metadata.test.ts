import {
  discoverOAuthProtectedResourceMetadata as discoverModern,
  extractWWWAuthenticateParams as paramsModern,
} from "@modelcontextprotocol/client";
import {
  discoverOAuthProtectedResourceMetadata as discoverLegacy,
  extractWWWAuthenticateParams as paramsLegacy,
} from "@modelcontextprotocol/sdk/client/auth.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AccessRefused } from "../../../src/fronts/http/access.ts";
import { challenge } from "../../../src/fronts/http/challenge.ts";
import { type Guarded, startGuarded } from "./guarded.ts";
import { sendRaw, written } from "./raw.ts";
import { sha256 } from "./server.ts";

const ROOT = "/.well-known/oauth-protected-resource";
const ISSUER = "https://login.example.com/realms/acme";
const SCOPES = { "usage:ai": ["claude", "cursor"], "usage:infra": ["datadog"] };

const oauth = (resource: string) => ({ issuer: ISSUER, resource, scopes: SCOPES });
const METADATA = {
  resource: "https://usage.example.com/mcp",
  authorization_servers: [ISSUER],
  scopes_supported: ["usage:ai", "usage:infra"],
  bearer_methods_supported: ["header"],
  resource_name: "usage-mcp",
};

describe("the metadata of the protected resource", () => {
  let server: Guarded;
  beforeAll(async () => {
    server = await startGuarded({ oauth: oauth("https://usage.example.com/mcp") });
  });
  afterAll(() => server.close());
  const send = (method: string, path: string, headers: Record<string, string> = {}) =>
    sendRaw(server.url, written(new URL(server.url).host, { method, path, headers }));

  it.each([ROOT, `${ROOT}/mcp`])("%s is open to everyone, pages of any origin too", async (path) => {
    const { status, headers, body } = await send("GET", path, { Origin: "https://inspector.example" });
    expect([status, headers["content-type"], headers["access-control-allow-origin"]]).toEqual([
      200,
      "application/json",
      "*",
    ]);
    expect(JSON.parse(body)).toEqual(METADATA);
    const head = await send("HEAD", path);
    expect([head.status, head.body]).toEqual([200, ""]);
    const before = await send("OPTIONS", path, {
      Origin: "https://inspector.example",
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "mcp-protocol-version",
    });
    expect([before.status, before.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    expect(before.headers["access-control-allow-headers"]).toBe("mcp-protocol-version");
    const post = await send("POST", path);
    expect([post.status, post.headers["allow"]]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  it.each([
    `${ROOT}/`,
    `${ROOT}/other`,
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/",
  ])("%s is nothing: 404, without a word of tokens", async (path) => {
    const { status, headers } = await send("GET", path);
    expect([status, headers["www-authenticate"]]).toEqual([404, undefined]);
  });

  it.each([
    ["2025", paramsLegacy, discoverLegacy],
    ["2026", paramsModern, discoverModern],
  ] as const)("a %s client finds the issuer by the refusal it gets", async (_, params, discover) => {
    const response = await fetch(`${server.url}/mcp`, { method: "POST" });
    expect(response.status).toBe(401);
    const { resourceMetadataUrl, error, scope } = params(response);
    expect([resourceMetadataUrl?.href, error, scope]).toEqual([
      `https://usage.example.com${ROOT}/mcp`,
      undefined,
      undefined,
    ]);
    // What stands at that address, were this host called so.
    const here = new URL(resourceMetadataUrl?.pathname ?? "", server.url);
    expect(await discover(server.url, { resourceMetadataUrl: here })).toEqual(METADATA);
    // And without the header, by the well-known place of the address that it was given.
    expect(await discover(`${server.url}/mcp`)).toEqual(METADATA);
  });

  it("stand at the root for a resource without a path, behind one for a longer path", async () => {
    for (const [resource, path] of [
      ["https://usage.example.com", ROOT],
      ["https://gateway.example.com/tools/usage/mcp/", `${ROOT}/tools/usage/mcp`],
    ] as const) {
      const other = await startGuarded({ oauth: oauth(resource) });
      onTestFinished(() => other.close());
      const response = await fetch(`${other.url}${path}`);
      expect(await response.json()).toEqual({ ...METADATA, resource: resource.replace(/\/$/, "") });
      const refused = await fetch(`${other.url}/mcp`, { method: "POST" });
      expect(paramsModern(refused).resourceMetadataUrl?.href).toBe(`${new URL(resource).origin}${path}`);
    }
  });

  it("are not there without an issuer: 404, and the refusal names none", async () => {
    const plain = await startGuarded({ tokens: [{ name: "a", sha256: sha256("a-token"), accounts: ["*"] }] });
    onTestFinished(() => plain.close());
    for (const path of [ROOT, `${ROOT}/mcp`]) {
      const response = await fetch(`${plain.url}${path}`);
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([404, null]);
      expect(await response.json()).toMatchObject({
        message: expect.stringContaining("no authorization server is configured"),
      });
    }
    const refused = await fetch(`${plain.url}/mcp`, { method: "POST" });
    expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="usage-mcp"');
  });
});

describe("the challenge", () => {
  it("holds nothing that ends a quoted text or a header, whatever a message says", () => {
    const message = 'a "quoted" \\ thing\r\nSet-Cookie: x=1\u2028é\u0000, error="none"';
    const header = challenge(new AccessRefused("invalid_token", message), undefined);
    expect(header).toBe(
      'Bearer realm="usage-mcp", error="invalid_token", error_description="a \'quoted\' ? thing??Set-Cookie: x=1???, error=\'none\'"',
    );
    expect(() => new Headers({ "www-authenticate": header })).not.toThrow();
    expect(paramsModern(new Response(null, { status: 401, headers: { "www-authenticate": header } })).error).toBe(
      "invalid_token",
    );
  });
});
