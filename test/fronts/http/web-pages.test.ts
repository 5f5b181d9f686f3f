import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { bearer, type Guarded, startGuarded } from "./guarded.ts";
import { type RawAnswer, type RawRequest, sendRaw, written } from "./raw.ts";
import { sha256 } from "./server.ts";

const TOKEN = "page-77c1e05b9d2f4a16";
const USAGE = "/unified/usage-metering/usage";
const tokens = [{ name: "page", sha256: sha256(TOKEN), accounts: ["*"] }];

let server: Guarded;
beforeAll(async () => {
  server = await startGuarded({ tokens, origins: ["app.example.com"] });
});
afterAll(() => server.close());

function send(request: RawRequest, url = server.url): Promise<RawAnswer> {
  return sendRaw(url, written(new URL(url).host, request));
}

describe("web pages", () => {
  const PAGE = "https://app.example.com";
  const preflight = (origin: string, path = "/mcp"): RawRequest => ({
    method: "OPTIONS",
    path,
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version,mcp-method,mcp-name",
    },
  });

  it("of a configured origin may ask, without a token for the asking", async () => {
    for (const origin of [PAGE, "http://app.example.com:8080"]) {
      const { status, headers, body } = await send(preflight(origin));
      expect([status, body, headers["access-control-allow-origin"]]).toEqual([204, "", origin]);
      expect(headers["access-control-allow-methods"]).toBe("GET,POST,DELETE");
      const allowed = (headers["access-control-allow-headers"] ?? "").split(",");
      for (const name of [
        "authorization",
        "content-type",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "mcp-session-id",
      ])
        expect(allowed).toContain(name);
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
  });

  it("of a configured origin may read what they are answered, refusals too", async () => {
    const answers = [
      await send({ path: "/metrics", headers: { Origin: PAGE, ...bearer(TOKEN) } }),
      await send({ path: "/metrics", headers: { Origin: PAGE } }),
      await send({ path: "/nowhere", headers: { Origin: PAGE, ...bearer(TOKEN) } }),
      await send({
        path: "/mcp",
        method: "POST",
        body: "{",
        headers: { Origin: PAGE, "Content-Type": "application/json", ...bearer(TOKEN) },
      }),
      await send({
        path: `${USAGE}?integrated_account_id=claude&limit=1`,
        headers: { Origin: PAGE, ...bearer(TOKEN) },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 400, 200]);
    for (const { headers } of answers) {
      expect(headers["access-control-allow-origin"]).toBe(PAGE);
      expect(headers["vary"]?.toLowerCase()).toContain("origin");
      const exposed = (headers["access-control-expose-headers"] ?? "").split(",");
      for (const name of ["www-authenticate", "x-request-id", "mcp-session-id", "ratelimit-remaining", "retry-after"])
        expect(exposed).toContain(name);
    }
  });

  it.each([
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evilapp.example.com",
    "null",
    "https://example.com",
  ])("of %s are refused", async (origin) => {
    for (const request of [preflight(origin), { path: "/metrics", headers: { Origin: origin, ...bearer(TOKEN) } }]) {
      const { status, headers } = await send(request);
      expect([status, headers["access-control-allow-origin"]]).toEqual([403, undefined]);
    }
  });

  it("of this machine get in, but can't read unless they are named", async () => {
    const { status, headers } = await send({
      path: "/metrics",
      headers: { Origin: "http://localhost:6274", ...bearer(TOKEN) },
    });
    expect([status, headers["access-control-allow-origin"]]).toEqual([200, undefined]);
  });

  it("of other sites can't make a visitor's browser ask a server that needs no token, by a script, picture or link either", async () => {
    const open = await startGuarded({ origins: ["app.example.com"] });
    onTestFinished(() => open.close());
    const asked = `${USAGE}?integrated_account_id=confluent&truto_skip_api_call=true`;
    // Browsers send no Origin with these.
    const embedded = (site: string, headers = {}) => ({
      "Sec-Fetch-Site": site,
      "Sec-Fetch-Mode": "no-cors",
      ...headers,
    });
    for (const path of [asked, "/mcp", "/metrics", "/openapi.json", `${USAGE}/meta/list`]) {
      const { status, body } = await send({ path, headers: embedded("cross-site") }, open.url);
      expect([status, body]).toEqual([403, expect.stringContaining("A page of another site asks.")]);
    }
    expect((await send({ path: asked, headers: embedded("cross-site", { Origin: "" }) }, open.url)).status).toBe(403);
    for (const headers of [
      {},
      embedded("none"),
      embedded("same-origin"),
      embedded("same-site"),
      embedded("cross-site", { Origin: PAGE }),
    ])
      expect((await send({ path: asked, headers }, open.url)).status).toBe(200);
    // Who has a token was given it; a link to the description may stand anywhere.
    expect((await send({ path: "/openapi.json", headers: embedded("cross-site") })).status).toBe(200);
  });

  it("get nothing where no origin is configured", async () => {
    const plain = await startGuarded({ tokens });
    onTestFinished(() => plain.close());
    const { status, headers } = await send(preflight("http://localhost:6274"), plain.url);
    expect([status, headers["access-control-allow-origin"]]).toEqual([401, undefined]);
  });
});
