// npm run load: requests per second, p99 and memory of `usage-mcp http` on loopback, before simulated vendors in a process of
// their own. About 50 s. Prints; fails on any error or a server that grows.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const TOKEN = "load-token";
const CONNECTIONS = 10;
const SECONDS = 5;
/** Rounds of each kind; memory is compared between the first and the last. */
const ROUNDS = 3;
/** What the server may hold more after the last round than after the first. */
const MOST_GROWTH = 1.25;
/**
 * Told to, the server collects its garbage and says what it still holds, in bytes. Resident memory says little of that: it moves
 * with the collector's own pace.
 */
const TELL =
  "process.on('SIGUSR2',()=>{gc();const m=process.memoryUsage();console.error('held',m.heapUsed+m.external)})";
const TELLING = ["--expose-gc", `--import=data:text/javascript,${encodeURIComponent(TELL)}`];

const MCP = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const rpc = (method, params) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
const tool = (name, args) => rpc("tools/call", { name, arguments: args });
const rest = (query) => `/unified/usage-metering/usage?${new URLSearchParams(query)}`;
const KINDS = [
  {
    title: "tools/list",
    method: "POST",
    path: "/mcp",
    headers: MCP,
    body: rpc("tools/list", {}),
    says: "get_cost_summary",
  },
  {
    title: "get_cost_summary, one account's month",
    method: "POST",
    path: "/mcp",
    headers: MCP,
    body: tool("get_cost_summary", {
      integrated_account_ids: ["confluent"],
      period: "last_month",
      group_by: ["product"],
    }),
    says: "26177.609258",
  },
  {
    title: "REST, a page of 1,000 rows",
    method: "GET",
    path: rest({
      integrated_account_id: "cursor",
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-31",
      limit: "1000",
      truto_ignore_remote_data: "true",
    }),
    says: '"result_count":1000',
  },
];

const folder = await mkdtemp(path.join(tmpdir(), "usage-mcp-load-"));
const children = [];
try {
  const vendors = path.join(folder, "sandbox.mjs");
  await build({
    entryPoints: ["bench/sandbox-server.ts"],
    bundle: true,
    outfile: vendors,
    format: "esm",
    platform: "node",
  });
  const [accounts] = await firstLine(start([vendors], {}), "stdout", /^(\[.*)$/);
  const many = 100_000_000;
  const http = {
    tokens: [{ name: "load", sha256: createHash("sha256").update(TOKEN).digest("hex"), accounts: ["*"] }],
    limits: { requests_per_token: many, requests_per_account: many, concurrent_calls: 2 * CONNECTIONS },
  };
  const config = path.join(folder, "accounts.json");
  await writeFile(
    config,
    JSON.stringify({
      accounts: JSON.parse(accounts).map((account) => ({ ...account, calls_per_minute: 1_000_000 })),
      http,
    }),
  );
  const env = { USAGE_MCP_LOG: "error" };
  const server = start([...TELLING, "dist/cli.js", "--config", config, "http", "--port", "0"], env);
  const [, url] = await firstLine(server, "stderr", /listens on (\S+)/);
  console.log(
    `${CONNECTIONS} connections, ${SECONDS} s a round, Node ${process.version}; resident memory at the start ${await resident(server)} MB`,
  );
  let faults = 0;
  for (const kind of KINDS) {
    await checked(url, kind);
    console.log(`\n${kind.title}`);
    const memory = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const result = await fire(url, kind);
      memory.push(await held(server));
      faults += result.errors + result.timeouts + result.non2xx + result.mismatches;
      console.log(
        `  round ${round}: ${result.requests.average.toFixed(0).padStart(5)} requests/s, p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms, ` +
          `${result.errors + result.timeouts} errors, ${result.non2xx} not 2xx, ${result.mismatches} wrong; ` +
          `${memory.at(-1)} MB held, resident ${await resident(server)} MB`,
      );
    }
    if (memory.at(-1) > memory[0] * MOST_GROWTH) {
      faults++;
      console.log(`  grew from ${memory[0]} to ${memory.at(-1)} MB`);
    }
  }
  console.log(`\nat rest: ${await held(server)} MB held, resident ${await resident(server)} MB; ${faults} faults`);
  if (faults > 0) process.exitCode = 1;
} finally {
  for (const child of children) child.kill();
  await rm(folder, { recursive: true, force: true });
}

function start(args, env) {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, USAGE_MCP_SANDBOX_NOW: "2026-11-23T09:00:00Z", ...env },
  });
  children.push(child);
  return child;
}

/** The first line of an output that a pattern matches, as the match. */
async function firstLine(child, output, pattern) {
  for await (const line of createInterface({ input: child[output] })) {
    const match = pattern.exec(line);
    if (match) {
      child[output].resume();
      return match;
    }
  }
  throw new Error(`a process ended before it was ready: ${child.spawnargs.join(" ")}`);
}

function headersOf(kind) {
  return { ...kind.headers, authorization: `Bearer ${TOKEN}` };
}

/** An answer is worth counting only when it is the right one. */
async function checked(url, kind) {
  const response = await fetch(`${url}${kind.path}`, {
    method: kind.method,
    headers: headersOf(kind),
    body: kind.body,
  });
  const text = await response.text();
  if (response.status !== 200 || !text.replaceAll("\\", "").includes(kind.says))
    throw new Error(`${kind.title}: ${response.status} ${text.slice(0, 300)}`);
}

function fire(url, kind) {
  return autocannon({
    url: `${url}${kind.path}`,
    method: kind.method,
    headers: headersOf(kind),
    body: kind.body,
    connections: CONNECTIONS,
    duration: SECONDS,
    // An error may come with 200, too.
    verifyBody: (body) => body.includes(kind.says),
  });
}

/** MB of memory that the server holds once its garbage is collected. */
async function held(server) {
  // The last answers' connections come to rest first.
  await sleep(300);
  const told = once(server.stderr, "data");
  server.kill("SIGUSR2");
  const [, bytes] = /^held (\d+)$/m.exec(String(await told)) ?? [];
  if (bytes === undefined) throw new Error(`the server said something else: ${await told}`);
  return Math.round(Number(bytes) / 1024 / 1024);
}

/** MB of memory that a process holds. */
async function resident(child) {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
