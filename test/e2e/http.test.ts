import { connect as connectSocket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { written } from "../fronts/http/raw.ts";
import { type BuiltServer, sha256, startBuilt, writeConfig } from "../fronts/http/server.ts";
import { itAnswersAHost } from "./answers.ts";
import { startEstate } from "./estate.ts";
import { type Host, REMOTE_HOSTS } from "./hosts.ts";
import { legacyRequest, modernRequest, send } from "./protocol/requests.ts";
import { STALLING_QUESTION, type StallingVendor, startStallingVendor } from "./stalling-vendor.ts";

const TOKEN = "a-token-for-agents";

describe("over HTTP, as it is built", () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startBuilt(["--sandbox"], { USAGE_MCP_HTTP_TOKEN_SHA256: sha256(TOKEN) });
  });
  afterAll(() => server.stop());

  describe.each(REMOTE_HOSTS)("$era", ({ connect, protocol }) => {
    let host: Host;
    beforeAll(async () => {
      host = await connect({ url: server.url, token: TOKEN });
    });
    afterAll(() => host.close());

    itAnswersAHost(() => host, protocol);
  });
});

describe("a caller who gives up, over HTTP", () => {
  let vendor: StallingVendor;
  let server: BuiltServer;
  beforeEach(async () => {
    vendor = await startStallingVendor();
    const tokens = [{ name: "agents", sha256: sha256(TOKEN), accounts: ["*"] }];
    server = await startBuilt(["--config", writeConfig({ accounts: [vendor.account], http: { tokens } })]);
  });
  afterEach(async () => {
    await server.stop("SIGKILL");
    await vendor.close();
  });

  /** The vendor was asked the month that it answers and the one on which it stalls; never again. */
  async function vendorIsLeftAlone() {
    await vendor.gone;
    await expect.poll(server.log).toMatch(/"path":"\/mcp".*"gone":true/);
    expect(vendor.asked()).toBe(2);
  }

  it.each(REMOTE_HOSTS)("$era: closing the client ends the vendor call", async ({ connect }) => {
    const host = await connect({ url: server.url, token: TOKEN });
    const failed = expect(host.call("list_usage", STALLING_QUESTION)).rejects.toThrow();
    await vendor.stalled;
    await host.close();
    await failed;
    await vendorIsLeftAlone();
  });

  it("2026-07-28: cancelling the call ends the vendor call", async () => {
    const host = await REMOTE_HOSTS[1].connect({ url: server.url, token: TOKEN });
    const controller = new AbortController();
    const failed = expect(host.call("list_usage", STALLING_QUESTION, { signal: controller.signal })).rejects.toThrow();
    await vendor.stalled;
    controller.abort();
    await failed;
    await vendorIsLeftAlone();
    await host.close();
  });

  // Its notification comes as a request of its own, perhaps to another copy, and names the call by an id that other clients
  // use too: ending a call for it could end somebody else's.
  it("2025-11-25: cancelling returns at once; the vendor call ends with the connection", async () => {
    const host = await REMOTE_HOSTS[0].connect({ url: server.url, token: TOKEN });
    const controller = new AbortController();
    const failed = expect(host.call("list_usage", STALLING_QUESTION, { signal: controller.signal })).rejects.toThrow();
    await vendor.stalled;
    controller.abort();
    await failed;
    // Still there: the notification was taken, and other calls are answered.
    expect((await host.call("list_accounts", {})).isError).toBe(false);
    await host.close();
    await vendorIsLeftAlone();
  });

  it.each([
    { era: "2025-11-25", request: legacyRequest },
    { era: "2026-07-28", request: modernRequest },
  ])("$era: a socket that is cut ends the vendor call", async ({ request }) => {
    const { hostname, port, host } = new URL(server.url);
    const call = request("tools/call", { name: "list_usage", arguments: STALLING_QUESTION });
    const headers = { ...call.headers, authorization: `Bearer ${TOKEN}` };
    const bytes = written(host, { method: "POST", path: "/mcp", headers, body: JSON.stringify(call.message) });
    const socket = connectSocket(Number(port), hostname, () => socket.write(bytes));
    await vendor.stalled;
    socket.resetAndDestroy();
    await vendorIsLeftAlone();
  });
});

describe("a vendor that refuses, over HTTP", () => {
  it.each([
    { era: "2025-11-25", request: legacyRequest },
    { era: "2026-07-28", request: modernRequest },
  ])("$era: the tool's error names the request, and so does the log, without a secret", async ({ request }) => {
    const estate = await startEstate();
    const [account] = estate.accounts.filter(({ provider }) => provider === "confluent");
    const refused = { ...account, credentials: { api_key: "planted-key", api_secret: "planted-secret" } };
    const tokens = [{ name: "agents", sha256: sha256(TOKEN), accounts: ["*"] }];
    const config = writeConfig({ accounts: [refused], http: { tokens } });
    const server = await startBuilt(["--config", config], { USAGE_MCP_LOG: "debug" });
    const { headers, message } = request("tools/call", { name: "list_usage", arguments: {} });
    const received = await send(server.url, {
      headers: { ...headers, authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(message),
    });
    expect(received.status).toBe(200);
    expect(received.messages[0]?.result).toMatchObject({ isError: true });
    const id = received.headers["x-request-id"];
    expect(id).toMatch(/^[\w-]+$/);
    expect(received.body).toMatch(new RegExp(`confluent.* \\(request ${id}\\)`));
    expect(await server.stop()).toBe(0);
    await estate.close();
    const told = server
      .log()
      .split("\n")
      .filter((line) => line.includes(`"request":"${id}"`));
    expect(told.join("\n")).toMatch(/"msg":"vendor call"[\s\S]*"msg":"request"/);
    for (const secret of ["planted-key", "planted-secret", TOKEN])
      expect(`${server.log()}${received.body}`).not.toContain(secret);
  });
});
