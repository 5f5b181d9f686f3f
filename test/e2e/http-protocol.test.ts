import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuilt } from "../fronts/http/server.ts";
import { MIRRORED, NEGOTIATED, VERBS, VERSIONS } from "./protocol/headers.ts";
import { BODIES, IDS, METHODS, ONE_WAY } from "./protocol/messages.ts";
import { ENVELOPE, legacyRequest as legacy, modernRequest as modern, posted, send } from "./protocol/requests.ts";

describe("MCP over HTTP, as its specification says", () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startBuilt(["--sandbox"]);
  });
  afterAll(() => server.stop());

  it.each([...BODIES, ...METHODS, ...IDS, ...VERSIONS, ...MIRRORED, ...NEGOTIATED])(
    "$sent ($rule): $status",
    async ({ request, status, code, says, ...expected }) => {
      const received = await send(server.url, request);
      expect(received.status, received.body).toBe(status);
      expect(received.messages, received.body).toHaveLength(1);
      const [message] = received.messages;
      if ("id" in expected) expect(message?.id).toBe(expected.id);
      if (code !== undefined) expect(message?.error?.code).toBe(code);
      expect(message?.error === undefined, received.body).toBe(status === 200 && code === undefined);
      if (says) expect(received.body).toMatch(says);
      expect(received.headers["mcp-session-id"]).toBeUndefined();
    },
  );

  it.each(ONE_WAY)("$sent ($rule): $status", async ({ request, status, code }) => {
    const received = await send(server.url, request);
    expect(received.status, received.body).toBe(status);
    if (status === 202) expect(received.body).toBe("");
    else expect(received.messages[0]?.error).toMatchObject(code === undefined ? {} : { code });
  });

  it.each(VERBS)("$sent ($rule): $status", async ({ request, status }) => {
    const received = await send(server.url, request);
    expect(received.status, received.body).toBe(status);
    expect(received.headers["allow"]).toContain("POST");
    expect(received.messages[0]).toMatchObject({ id: null, error: {} });
  });

  it("says what it is to server/discover (2026: every server must)", async () => {
    const { messages } = await send(server.url, posted(modern("server/discover")));
    expect(messages[0]?.result).toMatchObject({ supportedVersions: ["2026-07-28"], capabilities: { tools: {} } });
  });

  it.each([
    { era: "2025", request: legacy },
    { era: "2026", request: modern },
  ])("$era: answers requests that have the same id at the same time, each with its own", async ({ request }) => {
    const accounts = ["claude", "codex", "confluent", "cursor", "datadog"];
    const received = await Promise.all(
      accounts.map((integrated_account_id) => {
        const args = { integrated_account_id, limit: 1 };
        return send(server.url, posted(request("tools/call", { name: "list_usage", arguments: args }, 7)));
      }),
    );
    for (const [index, { messages }] of received.entries())
      expect(messages).toMatchObject([
        { id: 7, result: { structuredContent: { integrated_account_id: accounts[index] } } },
      ]);
  });

  it.each([
    { era: "2025", request: legacy, _meta: { progressToken: "p-1" } },
    { era: "2026", request: modern, _meta: { ...ENVELOPE, progressToken: "p-1" } },
  ])("$era: streams progress, then the response, then ends", async ({ request, _meta }) => {
    const args = { integrated_account_ids: ["confluent"], start_date: "2026-06-01", end_date: "2026-11-01" };
    const { headers, messages } = await send(
      server.url,
      posted(request("tools/call", { name: "get_cost_summary", arguments: args, _meta })),
    );
    // Proxies are told not to hold events back.
    expect(headers).toMatchObject({ "content-type": "text/event-stream", "x-accel-buffering": "no" });
    const [response, ...progress] = messages.reverse();
    expect(response).toMatchObject({ id: 1, result: { structuredContent: { is_partial_response: false } } });
    expect(progress.length).toBeGreaterThan(1);
    for (const message of progress)
      expect(message).toMatchObject({ method: "notifications/progress", params: { progressToken: "p-1" } });
  });
});
