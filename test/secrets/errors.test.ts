import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { hasRedis, look, startRedis } from "../cache/redis.ts";
import { bearer, callTool } from "../fronts/http/guarded.ts";
import { type BuiltServer, sha256, startBuilt, writeConfig } from "../fronts/http/server.ts";
import { run } from "../fronts/terminal/command-line.ts";
import { closedPort, endServersAfterwards } from "../vendor-http/loopback.ts";
import { account, ENVIRONMENT, EVERY_KIND, variable } from "./accounts.ts";
import { ECHOES, startEchoingVendors, WELL } from "./echoing-vendor.ts";
import { leaksIn, leaksInBytes, PASTED, PLANTED } from "./planted.ts";
import { startStdio } from "./stdio.ts";

endServersAfterwards();

const PATIENCE = 120_000;
const LIMITS = {
  concurrent_calls: 10_000,
  requests_per_token: 1_000_000,
  requests_per_account: 1_000_000,
  // A vendor that throttles for an hour is waited for no longer than this.
  call_seconds: 10,
  stream_seconds: 10,
};
const USAGE = "/unified/usage-metering/usage";
const DAYS = { start_date: "2026-10-11", end_date: "2026-10-14" };

const summary = z.looseObject({
  accounts: z.array(z.looseObject({ integrated_account_id: z.string(), status: z.string() })),
});
const page = z.looseObject({ next_cursor: z.string() });

/** All that was said anywhere, with where it was said. */
const said: [where: string, text: string][] = [];
const folder = mkdtempSync(path.join(tmpdir(), "usage-mcp-secrets-"));
let env: Readonly<Record<string, string>>;
let config: string;
let redisUrl: string | undefined;
let ids: string[];
let server: BuiltServer;

beforeAll(async () => {
  const vendors = await startEchoingVendors([...ECHOES.map(([, echo]) => echo), WELL]);
  const nobody = `http://127.0.0.1:${await closedPort()}`;
  const accounts = EVERY_KIND.flatMap((kind, index) => {
    const written = index % 2 === 0 ? "by variable" : "in the file";
    const failing = ECHOES.map((_, number) => account(kind, `${kind}-${number}`, `${vendors.url}/${number}`, written));
    return [...failing, account(kind, `${kind}-unreachable`, nobody, written)];
  });
  ids = accounts.map(({ id }) => id);
  const well = account("confluent", "well", `${vendors.url}/${ECHOES.length}`, "by variable");
  const redis = hasRedis ? await startRedis("--requirepass", PLANTED.redisPassword) : undefined;
  redisUrl = redis?.url.replace("//", `//:${PLANTED.redisPassword}@`);
  const tokens = [{ name: "agents", sha256: sha256(PLANTED.token), accounts: ["*"] }];
  config = writeConfig({
    accounts: [...accounts, well],
    http: { tokens, limits: LIMITS },
    cache: { folder, ...(redisUrl === undefined ? {} : { redis_url: variable("redisUrl") }) },
  });
  env = {
    ...ENVIRONMENT,
    USAGE_MCP_LOG: "debug",
    USAGE_MCP_CURSOR_SECRET: PLANTED.cursorSecret,
    ...(redisUrl === undefined ? {} : { PLANTED_redisUrl: redisUrl }),
  };
  server = await startBuilt(["--config", config], env);
}, PATIENCE);
afterAll(() => server.stop());

/** What any front said must hold none of the secrets. */
function none(where: string, text: string): void {
  said.push([where, text]);
  expect(leaksIn(text), where).toEqual([]);
}

/** The formats in turn, so that each kind of account meets each. */
function formatOf(index: number): string {
  return ["debug", "raw", "unified", "normalized"][index % 4] ?? "debug";
}

describe("secrets that vendors hand back in whatever they do wrong", { timeout: PATIENCE }, () => {
  it("are in no summary, though nearly every account fails", async () => {
    const args = { ...DAYS, group_by: ["account", "product"] };
    const { text, structured } = await callTool(server, bearer(PLANTED.token), "get_cost_summary", args);
    none("get_cost_summary", text);
    const { accounts } = summary.parse(structured);
    expect(accounts).toHaveLength(ids.length + 1);
    const failed = accounts.filter(({ status }) => status === "error");
    expect(failed.length).toBeGreaterThan(0.85 * ids.length);
  });

  it("are in no answer to a tool call, nor to REST, whatever the format", async () => {
    const headers = bearer(PLANTED.token);
    await Promise.all(
      ids.map(async (integrated_account_id, index) => {
        const format = formatOf(index);
        const args = { integrated_account_id, report_type: "cost", ...DAYS, truto_response_format: format };
        const { text } = await callTool(server, headers, "list_usage", args);
        none(`list_usage ${JSON.stringify(args)}`, text);
        const query = new URLSearchParams({ ...args, truto_response_format: formatOf(index + 1) });
        const answer = await fetch(`${server.url}${USAGE}?${query}`, { headers });
        none(`REST ${query}`, `${JSON.stringify([...answer.headers])} ${await answer.text()}`);
      }),
    );
  });

  it("are in no stream", async () => {
    const headers = { ...bearer(PLANTED.token), accept: "application/x-ndjson" };
    await Promise.all(
      ids.map(async (integrated_account_id) => {
        const query = new URLSearchParams({ integrated_account_id, ...DAYS, truto_response_format: "stream" });
        const answer = await fetch(`${server.url}${USAGE}?${query}`, { headers });
        none(`stream ${query}`, await answer.text());
      }),
    );
  });

  it("are in nothing that a server over stdio says, nor in its log", async () => {
    const stdio = await startStdio(["--config", config], env);
    await stdio.call("list_accounts", {});
    await Promise.all(
      ids.map((integrated_account_id, index) =>
        stdio.call("list_usage", {
          integrated_account_id,
          report_type: "cost",
          ...DAYS,
          truto_response_format: formatOf(index + 2),
          truto_ignore_remote_data: false,
        }),
      ),
    );
    const { stdout, stderr } = await stdio.end();
    none("stdio, stdout", stdout);
    none("stdio, stderr", stderr);
    expect(stderr.split("vendor call failed").length).toBeGreaterThan(ids.length);
  });

  it("are in nothing that the terminal is shown", async () => {
    const usage = ["confluent-3", "datadog-16", "claude-20", "openai-24", "cursor-unreachable"].map((id) => [
      ...["usage", "-a", id, "--report-type", "cost", "--start-date", DAYS.start_date, "--end-date", DAYS.end_date],
    ]);
    const commands = [
      ["accounts"],
      ["describe", "--provider", "datadog"],
      [
        "cost",
        "--start-date",
        DAYS.start_date,
        "--end-date",
        DAYS.end_date,
        "--integrated-account-ids",
        "datadog-1,claude-2,well",
      ],
      ...usage,
    ];
    for (const command of commands) {
      const { stdout, stderr } = await run(["--config", config, ...command], env);
      none(command.join(" "), `${stdout}\n${stderr}`);
    }
  });
});

describe("what is given of a vendor that is well", () => {
  it("holds no secret: rows, cursors, debug output, metrics, the description", async () => {
    const headers = bearer(PLANTED.token);
    const args = { integrated_account_id: "well", ...DAYS, limit: 1 };
    const first = await callTool(server, headers, "list_usage", args);
    const { next_cursor: cursor } = page.parse(first.structured);
    const answers = [
      first,
      await callTool(server, headers, "list_usage", { ...args, cursor }),
      await callTool(server, headers, "list_usage", { ...args, cursor: `${cursor.slice(0, -3)}AAA` }),
      await callTool(server, headers, "list_usage", { ...args, truto_response_format: "debug" }),
      await callTool(server, headers, "list_usage", { ...args, truto_response_format: "raw" }),
      await callTool(server, headers, "describe_supported_params", { integrated_account_id: "well" }),
    ];
    expect(answers.map(({ isError }) => isError)).toEqual([false, false, true, false, false, false]);
    for (const { text } of answers) none("well", text);
    expect(answers[3]?.text).toContain("[secret]");
    for (const place of ["/metrics", "/readyz", "/healthz", "/openapi.json", "/nowhere"]) {
      const answer = await fetch(`${server.url}${place}`, { headers });
      none(place, `${JSON.stringify([...answer.headers])} ${await answer.text()}`);
    }
  });
});

describe("a secret that a caller pastes into a parameter", () => {
  it("is in no log, whatever becomes of the call", async () => {
    const headers = bearer(PLANTED.token);
    const parameters = ["integrated_account_id", "start_date", "cursor", "sort_by", "truto_key_by", PASTED.pasted];
    const texts = parameters.map((name) => ({ [name]: PASTED.pasted }));
    const lists = ["product_ids", "group_by"].map((name) => ({ [name]: [PASTED.pasted] }));
    const remote = { remote_query: { [PASTED.pasted]: PASTED.pasted } };
    for (const id of ["well", "confluent-0", "openai-0", "datadog-9", "claude-1"])
      for (const wrong of [...texts, ...lists, remote])
        await callTool(server, headers, "list_usage", {
          integrated_account_id: id,
          report_type: "cost",
          ...DAYS,
          ...wrong,
        });
    expect(leaksIn(server.log(), PASTED)).toEqual([]);
    const metrics = await fetch(`${server.url}/metrics`, { headers });
    expect(leaksIn(await metrics.text(), PASTED)).toEqual([]);
  });
});

describe("a config that is wrong", () => {
  const claude = { id: "claude", provider: "claude", credentials: { api_key: variable("claude") } };
  it.each<[string, unknown]>([
    ["a key as the provider", { ...claude, provider: variable("claude") }],
    ["a key as the address", { ...claude, base_url: variable("claude") }],
    [
      "a key in the address",
      { ...claude, base_url: `https://${variable("token")}@claude.example/?k=${variable("token")}` },
    ],
    [
      "a key as the site",
      {
        ...claude,
        provider: "datadog",
        site: variable("datadogKey"),
        credentials: { api_key: "k", application_key: "k" },
      },
    ],
    ["a key for another vendor", { ...claude, provider: "confluent" }],
    ["credentials that are a key", { ...claude, credentials: variable("claude") }],
    ["a key with a break behind it", { ...claude, credentials: { api_key: `${variable("claude")}\n` } }],
    ["a key that is a list", { ...claude, credentials: { api_key: [variable("claude")] } }],
    ["a key as the api", { ...claude, api: variable("claude") }],
  ])("is refused without it: %s", async (_, wrong) => {
    const file = writeConfig({ accounts: [wrong] });
    const { code, stdout, stderr } = await run(["--config", file, "accounts"], env);
    expect(code).toBe(1);
    expect(stderr).toContain("Config ");
    expect(stderr).not.toContain("is not set");
    expect(leaksIn(`${stdout}\n${stderr}`)).toEqual([]);
  });

  it("is refused without it: a Redis URL that is none, keys that come in halves", async () => {
    const wrong: Record<string, string>[] = [
      { USAGE_MCP_REDIS_URL: `http://:${PLANTED.redisPassword}@localhost`, CURSOR_API_KEY: PLANTED.cursor },
      { CONFLUENT_CLOUD_API_KEY: PLANTED.confluentKey },
      { DD_API_KEY: PLANTED.datadogKey, DD_APP_KEY: PLANTED.datadogAppKey, DD_SITE: PLANTED.datadogKey },
      { CURSOR_API_KEY: `${PLANTED.cursor} ${PLANTED.cursor}` },
    ];
    for (const half of wrong) {
      const { code, stdout, stderr } = await run(["accounts"], { USAGE_MCP_LOG: "debug", ...half });
      expect(code).toBe(1);
      expect(leaksIn(`${stdout}\n${stderr}`)).toEqual([]);
    }
  });
});

describe("after all that", () => {
  it("the log of the server, what it wrote and its folder hold no secret", async () => {
    await server.stop();
    expect(said.length).toBeGreaterThan(2 * ids.length);
    expect(server.log().split("vendor call failed").length).toBeGreaterThan(ids.length);
    none("HTTP, stderr", server.log());
    none("HTTP, stdout", server.output());
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const { parentPath, name } of files) {
      none("a name in the folder", name);
      expect(leaksInBytes(readFileSync(path.join(parentPath, name))), name).toEqual([]);
    }
  });

  it.runIf(hasRedis)("Redis holds no secret, neither in keys nor in values", async () => {
    const redis = await look(redisUrl ?? "");
    const keys = await redis.keys();
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      none("a key in Redis", key);
      const value = await redis.get(key);
      expect(value === null ? [] : leaksInBytes(Buffer.from(value)), key).toEqual([]);
    }
    await redis.close();
  });
});
