import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { costs, costsByOrg, get, start } from "./vendors.ts";

/** What keeps this process alive, besides what the test runner has of its own. */
function servers(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCPServer/i.test(name));
}

describe("the sandbox", () => {
  it("names accounts that a config file could hold, on loopback", async () => {
    const sandbox = await start();
    const accounts = readConfig({ accounts: sandbox.accounts }, "of the sandbox", {});
    expect(accounts.map(({ provider }) => provider).sort()).toEqual([
      "claude",
      "confluent",
      "cursor",
      "datadog",
      "openai_codex",
      "openai_codex",
    ]);
    for (const { baseUrl } of accounts) expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await sandbox.close();
  });

  it("asks for the time anew with every request", async () => {
    let now = "2026-11-23T09:00:00Z";
    const sandbox = await startSandbox({ now: () => new Date(now) });
    const last = async () => (await costs(sandbox, "2026-11-01", "2026-12-01")).at(-1)?.start_date.slice(0, 10);
    expect(await last()).toBe("2026-11-20");
    now = "2026-11-28T09:00:00Z";
    expect(await last()).toBe("2026-11-25");
    await sandbox.close();
  });

  it("keeps no process alive, open or closed", async () => {
    const before = servers();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    expect(servers()).toHaveLength(before.length + 1);
    other.close();
    await once(other, "close");
    const sandbox = await start();
    await costsByOrg(sandbox, "historical_cost", { start_month: "2026-10", end_month: "2026-10" });
    expect(servers()).toEqual(before);
    await sandbox.close();
    expect(servers()).toEqual(before);
  });

  it("answers nobody once it is closed, and may be closed twice", async () => {
    const sandbox = await start();
    expect((await get(sandbox, "datadog", "/api/v2/usage/projected_cost")).status).toBe(200);
    await sandbox.close();
    await sandbox.close();
    for (const provider of ["datadog", "confluent"] as const) {
      await expect(get(sandbox, provider, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  it("closes while a client keeps a connection open", async () => {
    const sandbox = await start();
    const [account] = sandbox.accounts;
    // The global fetch keeps its connections for the next request.
    await (await fetch(`${account?.base_url}/`)).text();
    const started = performance.now();
    await sandbox.close();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("gives each of two its own ports", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const ports = [...one.accounts, ...two.accounts].map(({ base_url }) => new URL(base_url).port);
    expect(new Set(ports).size).toBe(ports.length);
    await one.close();
    expect((await get(two, "datadog", "/api/v2/usage/projected_cost")).status).toBe(200);
    await two.close();
  });

  it("answers 404 where the vendor has nothing, in the vendor's words", async () => {
    const sandbox = await start();
    for (const provider of ["datadog", "confluent"] as const) {
      const { status, body } = await get(sandbox, provider, "/nothing/here");
      expect(status).toBe(404);
      expect(body).toHaveProperty("errors");
    }
    await sandbox.close();
  });
});
