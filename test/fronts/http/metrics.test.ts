import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { endServersAfterwards, json, startLoopback } from "../../vendor-http/loopback.ts";
import {
  ask,
  callMcp,
  confluentAt,
  LIST_TOOLS,
  type Served,
  serve,
  stopServersAfterwards,
  TOKENS,
  toolCall,
} from "./in-process.ts";
import { type Family, parsePrometheus } from "./prometheus.ts";
import { NO_LINES } from "./vendors.ts";

endServersAfterwards();
stopServersAfterwards();

async function scrape(server: Served): Promise<Family[]> {
  const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${TOKENS.watcher}` } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parsePrometheus(await answer.text());
}

/** What a metric says for some of its labels, summed. */
function sum(families: readonly Family[], name: string, labels: Record<string, string> = {}): number {
  const samples = families.flatMap((family) => family.samples).filter((sample) => sample.name === name);
  return samples
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((total, { value }) => total + value, 0);
}

describe("/metrics", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ now: () => new Date("2026-11-23T09:00:00Z") });
  });
  afterAll(() => sandbox.close());

  it("is the Prometheus text format, with every metric under its name and type", async () => {
    const server = await serve(sandbox.accounts, { guarded: true });
    await callMcp(server, toolCall("get_cost_summary", { period: "2026-10", group_by: ["user"] }), TOKENS.agents).then(
      (answer) => answer.text(),
    );
    await callMcp(server, toolCall("get_cost_summary", { period: "2026-10", group_by: ["user"] }), TOKENS.agents).then(
      (answer) => answer.text(),
    );
    await callMcp(server, toolCall("list_usage", { limit: "none" }), TOKENS.agents).then((answer) => answer.text());
    await ask(server, "?integrated_account_id=nobody", TOKENS.agents);
    await ask(server, "", "wrong");
    await fetch(`${server.url}/no/such/place`, {
      method: "PROPFIND",
      headers: { authorization: `Bearer ${TOKENS.agents}` },
    });
    const families = await scrape(server);
    // Whether a call had to wait for others of its account depends on how long those took.
    const always = families.filter(({ name }) => name !== "usage_mcp_vendor_wait_seconds_total");
    expect(Object.fromEntries(always.map(({ name, type }) => [name, type]))).toEqual({
      process_cpu_seconds_total: "counter",
      process_resident_memory_bytes: "gauge",
      process_start_time_seconds: "gauge",
      usage_mcp_build_info: "gauge",
      usage_mcp_cache_total: "counter",
      usage_mcp_errors_total: "counter",
      usage_mcp_http_request_duration_seconds: "histogram",
      usage_mcp_http_requests_in_flight: "gauge",
      usage_mcp_http_requests_total: "counter",
      usage_mcp_refused_total: "counter",
      usage_mcp_tool_calls_total: "counter",
      usage_mcp_vendor_request_duration_seconds: "histogram",
      usage_mcp_vendor_requests_total: "counter",
    });
    expect(sum(families, "usage_mcp_http_requests_total", { method: "POST", route: "/mcp", status: "200" })).toBe(3);
    expect(
      sum(families, "usage_mcp_http_requests_total", { route: "/unified/usage-metering/usage", status: "404" }),
    ).toBe(1);
    expect(
      sum(families, "usage_mcp_http_requests_total", { route: "/unified/usage-metering/usage", status: "401" }),
    ).toBe(1);
    expect(sum(families, "usage_mcp_http_requests_total", { method: "other", route: "other", status: "404" })).toBe(1);
    expect(sum(families, "usage_mcp_http_request_duration_seconds_count", { route: "/mcp" })).toBe(3);
    expect(sum(families, "usage_mcp_http_requests_in_flight")).toBe(1);
    expect(sum(families, "usage_mcp_tool_calls_total", { tool: "get_cost_summary", outcome: "ok" })).toBe(2);
    expect(sum(families, "usage_mcp_tool_calls_total", { tool: "list_usage", outcome: "question" })).toBe(1);
    expect(sum(families, "usage_mcp_errors_total", { kind: "question" })).toBe(2);
    expect(sum(families, "usage_mcp_refused_total", { reason: "auth" })).toBe(1);
    for (const provider of new Set(sandbox.accounts.map((account) => account.provider))) {
      expect(sum(families, "usage_mcp_vendor_requests_total", { provider, status: "200" }), provider).toBeGreaterThan(
        0,
      );
      expect(sum(families, "usage_mcp_vendor_request_duration_seconds_count", { provider }), provider).toBeGreaterThan(
        0,
      );
    }
    expect(sum(families, "usage_mcp_cache_total", { cache: "names", outcome: "miss" })).toBeGreaterThan(0);
    expect(sum(families, "usage_mcp_cache_total", { cache: "names", outcome: "hit" })).toBeGreaterThan(0);
    expect(sum(families, "process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(sum(families, "process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(Math.abs(sum(families, "process_start_time_seconds") - (Date.now() / 1000 - process.uptime()))).toBeLessThan(
      5,
    );
    expect(sum(families, "usage_mcp_build_info")).toBe(1);
  });

  it("counts what vendors did on bad days: retries, waits, refusals, no answer at all", async () => {
    const throttled = json({ errors: [{ detail: "slow down" }] }, 429, { "retry-after": "1" });
    const vendor = await startLoopback(throttled, (_, request) => request.socket.destroy(), NO_LINES);
    const server = await serve([confluentAt(vendor.url)], { guarded: true });
    const question = "?report_type=cost&start_date=2026-10-01&end_date=2026-11-01";
    expect((await ask(server, question, TOKENS.agents)).status).toBe(200);
    const families = await scrape(server);
    const of = { provider: "confluent" };
    expect(sum(families, "usage_mcp_vendor_requests_total", { ...of, status: "429" })).toBe(1);
    expect(sum(families, "usage_mcp_vendor_requests_total", { ...of, status: "none" })).toBe(1);
    expect(sum(families, "usage_mcp_vendor_requests_total", { ...of, status: "200" })).toBe(1);
    expect(sum(families, "usage_mcp_vendor_retries_total", of)).toBe(2);
    expect(sum(families, "usage_mcp_vendor_wait_seconds_total", of)).toBeGreaterThan(1);
  });

  it("counts an account's fault within a summary that goes on without it", async () => {
    const refusing = await startLoopback(json({ errors: [{ detail: "no such key" }] }, 401));
    const accounts = [confluentAt((await startLoopback(NO_LINES)).url), confluentAt(refusing.url, "refused")];
    const server = await serve(accounts, { guarded: true });
    const answer = await callMcp(server, toolCall("get_cost_summary", { period: "2026-10" }), TOKENS.agents);
    expect(await answer.text()).toContain(`(request ${answer.headers.get("x-request-id")})`);
    const families = await scrape(server);
    expect(sum(families, "usage_mcp_tool_calls_total", { outcome: "ok" })).toBe(1);
    expect(sum(families, "usage_mcp_errors_total", { kind: "credentials" })).toBe(1);
    expect(sum(families, "usage_mcp_errors_total")).toBe(1);
  });

  it("has labels of short lists only: no account, person, token, path or query", async () => {
    const server = await serve(sandbox.accounts, { guarded: true });
    for (const path of [
      "/a-s3cret",
      "/unified/usage-metering/usage/a-s3cret",
      "/integrated-account/a-s3cret/capabilities",
      "/mcp/a-s3cret",
    ])
      await fetch(`${server.url}${path}?q=a-s3cret`, { headers: { authorization: `Bearer ${TOKENS.agents}` } });
    for (const { id } of sandbox.accounts)
      await ask(server, `?integrated_account_id=${id}&limit=2&user_ids[]=ada@example.com`, TOKENS.agents);
    await callMcp(server, toolCall("a-s3cret"), TOKENS.agents);
    await callMcp(server, { method: "a-s3cret/list" }, TOKENS.agents);
    const families = await scrape(server);
    const providers = sandbox.accounts.map(({ provider }) => provider);
    const values = (label: string) =>
      new Set(families.flatMap(({ samples }) => samples.flatMap(({ labels }) => labels[label] ?? [])));
    const allowed: Record<string, (value: string) => boolean> = {
      method: (value) => ["GET", "POST"].includes(value),
      route: (value) =>
        ["/mcp", "/metrics", "/unified/usage-metering/usage", "/integrated-account/:id/capabilities", "other"].includes(
          value,
        ),
      status: (value) => /^\d{3}$|^none$/.test(value),
      le: (value) => /^[\d.]+$|^\+Inf$/.test(value),
      provider: (value) => providers.some((provider) => provider === value),
      tool: (value) => ["list_usage"].includes(value),
      outcome: (value) => ["ok", "hit", "miss", "question"].includes(value),
      kind: (value) => ["question", "internal", "credentials"].includes(value),
      cache: (value) => ["answers", "names"].includes(value),
      reason: (value) => ["auth", "rate"].includes(value),
      version: (value) => value !== "",
    };
    const labels = new Set(families.flatMap(({ samples }) => samples.flatMap(({ labels: of }) => Object.keys(of))));
    for (const label of labels)
      for (const value of values(label)) expect(allowed[label]?.(value), `${label}="${value}"`).toBe(true);
    expect(JSON.stringify(families)).not.toMatch(/s3cret|ada@|agents/);
  });

  it("is open to every token, and without tokens to this machine", async () => {
    const guarded = await serve([confluentAt("http://127.0.0.1:9")], { guarded: true });
    expect((await fetch(`${guarded.url}/metrics`)).status).toBe(401);
    await scrape(guarded);
    const open = await serve([confluentAt("http://127.0.0.1:9")]);
    expect((await fetch(`${open.url}/metrics`)).status).toBe(200);
    expect((await callMcp(guarded, LIST_TOOLS, TOKENS.watcher)).status).toBe(403);
  });
});

describe("the parser that these tests trust", () => {
  const head = "# HELP a_total x\n# TYPE a_total counter\n";
  it.each([
    ["no line feed at the end", `${head}a_total 1`],
    ["a second TYPE", `${head}# TYPE a_total counter\na_total 1\n`],
    ["a series twice", `${head}a_total{b="c"} 1\na_total{b="c"} 2\n`],
    ["a sample of another name", `${head}b_total 1\n`],
    ["a quote that is not escaped", `${head}a_total{b="c"d"} 1\n`],
    ["a counter without _total", "# HELP a x\n# TYPE a counter\na 1\n"],
    ["_total twice", "# HELP a_total_total x\n# TYPE a_total_total counter\na_total_total 1\n"],
    ["a gauge that ends in _total", "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n"],
    [
      "buckets that fall",
      '# HELP a x\n# TYPE a histogram\na_count 1\na_sum 1\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n',
    ],
  ])("refuses %s", (_, text) => {
    expect(() => parsePrometheus(text)).toThrow();
  });
});

describe("what `usage-mcp stdio` loads", () => {
  it("holds nothing of the HTTP front", async () => {
    const { metafile } = await build({
      entryPoints: [fileURLToPath(new URL("../../../src/cli.ts", import.meta.url))],
      outdir: "out",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      metafile: true,
      write: false,
      logLevel: "error",
    });
    const loaded = inputsOf(metafile, ["src/cli.ts", "src/fronts/stdio.ts", "src/engine/answers.ts"]);
    expect(loaded.length).toBeGreaterThan(20);
    expect(
      loaded.filter((path) => /opentelemetry|rate-limiter|node_modules\/hono|@hono|fronts\/http|jose/.test(path)),
    ).toEqual([]);
    expect(inputsOf(metafile, ["src/fronts/http/command.ts"]).some((path) => path.includes("@opentelemetry"))).toBe(
      true,
    );
  });
});

/** The sources in the chunks that these entries load at once, before any import() of theirs. */
function inputsOf({ outputs }: Metafile, entries: readonly string[]): string[] {
  const seen = new Set<string>();
  const due = Object.entries(outputs).flatMap(([path, { entryPoint }]) =>
    entries.includes(entryPoint ?? "") ? [path] : [],
  );
  expect(due).toHaveLength(entries.length);
  for (const path of due) {
    if (seen.has(path)) continue;
    seen.add(path);
    due.push(
      ...(outputs[path]?.imports ?? []).filter(({ kind }) => kind === "import-statement").map(({ path: next }) => next),
    );
  }
  return [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
}
