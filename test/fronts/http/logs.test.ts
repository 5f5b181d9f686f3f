import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { endServersAfterwards, json, type Loopback, type Reply, startLoopback } from "../../vendor-http/loopback.ts";
import { ask, callMcp, confluentAt, serve, stopServersAfterwards, TOKENS, toolCall, USAGE } from "./in-process.ts";
import { sendRaw, written } from "./raw.ts";
import { type BuiltServer, sha256, startBuilt, writeConfig } from "./server.ts";
import { NO_LINES } from "./vendors.ts";

endServersAfterwards();
stopServersAfterwards();

const COST = "report_type=cost&start_date=2026-10-01&end_date=2026-11-01";

describe("a request's id", () => {
  const faulty = json({ errors: [{ detail: "a fault" }] }, 500, { "x-request-id": "vendor-try-1" });
  const refused = json({ errors: [{ detail: "no such key" }] }, 401, { "x-request-id": "vendor-try-2" });

  it("goes all the way: answer, error, every line about it, the vendor's own ids beside it", async () => {
    const vendor = await startLoopback(faulty, refused);
    const server = await serve([confluentAt(vendor.url)], { guarded: true });
    const id = randomUUID();
    const answer = await ask(server, `?${COST}`, TOKENS.agents, { headers: { "x-request-id": id } });
    expect([answer.status, answer.headers.get("x-request-id")]).toEqual([401, id]);
    expect(await answer.json()).toMatchObject({ request_id: id, message: expect.stringContaining(`(request ${id})`) });
    const lines = server.logged.filter(({ request }) => request === id);
    const call = { request: id, provider: "confluent", account: "confluent", method: "GET", path: "/billing/v1/costs" };
    expect(lines.filter(({ level }) => level !== "debug")).toEqual([
      {
        level: "info",
        message: "vendor call failed, trying again",
        ...call,
        status: 500,
        vendor_request: "vendor-try-1",
        attempt: 1,
        seconds: expect.any(Number),
      },
      {
        level: "warn",
        message: "vendor call failed",
        ...call,
        status: 401,
        vendor_request: "vendor-try-2",
        kind: "credentials",
        error: expect.stringContaining("no such key"),
      },
      {
        level: "info",
        message: "request",
        request: id,
        caller: "agents",
        method: "GET",
        path: USAGE,
        status: 401,
        ms: expect.any(Number),
      },
    ]);
  });

  it("is in the text of a tool's error", async () => {
    const vendor = await startLoopback(refused);
    const server = await serve([confluentAt(vendor.url)], { guarded: true });
    const answer = await callMcp(server, toolCall("list_usage", { report_type: "cost" }), TOKENS.agents);
    const id = answer.headers.get("x-request-id") ?? "";
    expect(await answer.text()).toContain(`(request ${id})`);
    const messages = server.logged
      .filter(({ request, level }) => request === id && level !== "debug")
      .map(({ message }) => message);
    expect(messages).toEqual(["vendor call failed", "request"]);
  });

  it.each([
    ["a UUID", "6f1c7b52-7d3c-4f0e-9a55-0d9f3b8e2c11", true],
    ["32 hexadecimal digits", "4bf92f3577b34da6a3ce929d0e0e4736", true],
    ["a key", "sk-ant-admin01-s3cret", false],
    ["64 hexadecimal digits", "a".repeat(64), false],
    ["a word", "s3cret", false],
  ])("may be given as %s", async (_, id, isTaken) => {
    const server = await serve([confluentAt("http://127.0.0.1:9")]);
    const answer = await fetch(`${server.url}/healthz`, { headers: { "x-request-id": id } });
    const used = answer.headers.get("x-request-id") ?? "";
    expect(used === id).toBe(isTaken);
    expect(used).toMatch(/^[\da-f-]{32,36}$/);
  });

  it("is never the bearer token itself", async () => {
    const server = await serve([confluentAt("http://127.0.0.1:9")]);
    const id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const answer = await fetch(`${server.url}/healthz`, {
      headers: { "x-request-id": id, authorization: `Bearer ${id}` },
    });
    expect(answer.headers.get("x-request-id")).not.toBe(id);
  });
});

describe("secrets, wherever they are put", () => {
  const PLANTED = {
    token: "tok-planted-b7e1f0",
    hexToken: "0f3a7cc1d9e84b52a6f0c3d2e1b4a597",
    wrong: "tok-wrong-c0ffee",
    vendorKey: "cc-key-planted-91",
    vendorSecret: "cc-sec-planted-92",
  };
  /** A vendor that hands back what it was sent, in its body and its headers. */
  const echo: Reply = (response, request) => {
    const sent = String(request.headers["authorization"]);
    const plain = Buffer.from(sent.replace("Basic ", ""), "base64").toString();
    json({ errors: [{ detail: `no ${sent} ${plain}` }] }, 403, { "x-request-id": plain })(response, request);
  };
  let vendor: Loopback;
  let server: BuiltServer;
  beforeAll(async () => {
    vendor = await startLoopback(NO_LINES, echo);
    const account = {
      ...confluentAt(vendor.url),
      credentials: { api_key: PLANTED.vendorKey, api_secret: PLANTED.vendorSecret },
    };
    const tokens = [PLANTED.token, PLANTED.hexToken].map((token, index) => ({
      name: `t${index}`,
      sha256: sha256(token),
      accounts: ["*"],
    }));
    server = await startBuilt(["--config", writeConfig({ accounts: [account], http: { tokens } })], {
      USAGE_MCP_LOG: "debug",
    });
  });
  afterAll(() => server.stop());

  it("are in no line of the log", async () => {
    const { port } = new URL(server.url);
    const said: string[] = [];
    for (const secret of Object.values(PLANTED)) {
      const auth = [`Bearer ${secret}`, `Bearer  ${secret}`, `bearer ${secret} ${secret}`, `Basic ${secret}`, secret];
      const requests = [
        ...auth.map((authorization) => ({ path: `${USAGE}?${COST}`, headers: { authorization } })),
        { path: `/${secret}` },
        { path: `/${secret}/%zz` },
        { path: `/mcp/${secret}`, headers: { authorization: `Bearer ${PLANTED.token}` } },
        { path: `${USAGE}?access_token=${secret}&integrated_account_id=${secret}` },
        { path: `${USAGE}?integrated_account_id=${secret}&x=1`, headers: { authorization: `Bearer ${PLANTED.token}` } },
        {
          path: `${USAGE}?remote_query[${secret}]=${secret}&${COST}`,
          headers: { authorization: `Bearer ${PLANTED.token}` },
        },
        { path: `${USAGE}?cursor=${secret}&${COST}`, headers: { authorization: `Bearer ${PLANTED.token}` } },
        { path: `/integrated-account/${secret}/capabilities`, headers: { authorization: `Bearer ${PLANTED.token}` } },
        { headers: { "x-request-id": secret } },
        { headers: { "x-request-id": secret, authorization: `Bearer ${secret}` } },
        {
          headers: {
            "user-agent": secret,
            cookie: secret,
            referer: `http://localhost/${secret}`,
            [`x-${secret}`]: secret,
          },
        },
        { headers: { host: secret } },
        { headers: { origin: `http://${secret}` } },
        {
          method: "POST",
          path: "/mcp",
          headers: { authorization: `Bearer ${PLANTED.token}`, "content-type": secret },
          body: secret,
        },
        {
          method: "POST",
          path: "/mcp",
          headers: {
            authorization: `Bearer ${PLANTED.token}`,
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: secret, method: secret, params: { [secret]: secret } }),
        },
        {
          method: "POST",
          path: "/mcp",
          headers: {
            authorization: `Bearer ${PLANTED.token}`,
            "content-type": "application/json",
            accept: "application/json, text/event-stream",
          },
          body: JSON.stringify({
            jsonrpc: "2.0",
            id: 1,
            ...toolCall("list_usage", { [secret]: secret, integrated_account_id: secret }),
          }),
        },
        {
          method: "POST",
          path: "/mcp",
          headers: {
            authorization: `Bearer ${PLANTED.token}`,
            "content-type": "application/json",
            "mcp-protocol-version": secret,
            "mcp-session-id": secret,
          },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
        },
      ];
      for (const request of requests)
        said.push(String((await sendRaw(server.url, written(`127.0.0.1:${port}`, request))).status));
      await sendRaw(server.url, `GET /${secret} HTTP/9.9\r\nHost: ${secret}\r\n\r\n`);
    }
    expect(new Set(said)).toEqual(new Set(["200", "400", "401", "403", "404", "406", "415"]));
    await server.stop();
    const log = server.log();
    expect(log.split("\n").length).toBeGreaterThan(100);
    const encoded = Buffer.from(`${PLANTED.vendorKey}:${PLANTED.vendorSecret}`).toString("base64");
    for (const secret of [...Object.values(PLANTED), encoded]) {
      const line = log.split("\n").find((one) => one.includes(secret));
      expect(line, secret).toBeUndefined();
    }
    // Every line but the one for people is JSON with a level and a message.
    const lines = log
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("usage-mcp listens on "));
    for (const line of lines)
      z.looseObject({ level: z.number(), msg: z.string(), name: z.literal("usage-mcp") }).parse(JSON.parse(line));
    expect(server.output()).toBe("");
  });
});

describe("a log that nobody reads", () => {
  it.each([
    ["since its reader stalls", (server: BuiltServer) => server.process.stderr?.pause()],
    ["since its reader is gone", (server: BuiltServer) => server.process.stderr?.destroy()],
  ])("holds nothing up, %s", async (_, leave) => {
    const vendor = await startLoopback(NO_LINES);
    const server = await startBuilt(["--config", writeConfig({ accounts: [confluentAt(vendor.url)] })]);
    onTestFinished(() => void server.process.kill("SIGKILL"));
    leave(server);
    // Some 400 KB of lines: more than pipes hold.
    for (let round = 0; round < 100; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/healthz`)));
      expect(answers.every(({ ok }) => ok)).toBe(true);
    }
    expect(await server.stop()).toBe(0);
  });
});
