import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { endServersAfterwards, type Loopback, silence, startLoopback } from "../../vendor-http/loopback.ts";
import { ask, callMcp, confluentAt, toolCall, USAGE } from "./in-process.ts";
import { type BuiltServer, startBuilt, writeConfig } from "./server.ts";
import { claudeAt, held, LAST_PAGE, NO_LINES, PAGES, page } from "./vendors.ts";
import { head, statuses, wireTo } from "./wire.ts";

endServersAfterwards();

const CALL = "?integrated_account_id=confluent&report_type=cost&start_date=2026-10-01&end_date=2026-11-01";
const LONG_CALL = head(`GET ${USAGE}${CALL} HTTP/1.1`, "Host: localhost");
const HEALTH = head("GET /healthz HTTP/1.1", "Host: localhost");
const READY = head("GET /readyz HTTP/1.1", "Host: localhost");

let server: BuiltServer;
afterEach(async () => {
  if (server.process.exitCode === null && server.process.signalCode === null) await server.stop("SIGKILL");
});

async function start(
  vendor: Loopback,
  limits: Record<string, number> = {},
  env: Record<string, string> = {},
): Promise<{ port: number; ended: Promise<unknown[]> }> {
  const accounts = [confluentAt(vendor.url), confluentAt(vendor.url, "other"), claudeAt(vendor.url)];
  server = await startBuilt(["--config", writeConfig({ accounts, http: { limits } })], env);
  return { port: Number(new URL(server.url).port), ended: once(server.process, "exit") };
}

async function logs(text: string | RegExp): Promise<string> {
  for (;;) {
    const log = server.log();
    if (typeof text === "string" ? log.includes(text) : text.test(log)) return log;
    await sleep(10);
  }
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  it("lets answers in flight finish, as their connections' last, takes nothing new, and exits with 0", async () => {
    const { reply, release } = held();
    const vendor = await startLoopback(reply);
    const { port, ended } = await start(vendor);
    const rest = wireTo(port, LONG_CALL);
    const mcp = callMcp(server, toolCall("list_usage", { integrated_account_id: "other" }));
    const idle = wireTo(port, HEALTH);
    await Promise.all([vendor.reached(2), idle.until(/ok/)]);
    server.process.kill(signal);
    await logs("shutting down");
    // Those who ask nothing are let go at once; nobody new comes in.
    await idle.closed;
    expect(await wireTo(port, READY).closed).toBe("");
    expect(statuses(rest.text())).toEqual([]);
    release();
    const answer = await rest.closed;
    expect(statuses(answer)).toEqual([200]);
    expect(answer).toMatch(/^connection: close/im);
    const told = await mcp;
    expect(told.status).toBe(200);
    expect(await told.text()).toContain("structuredContent");
    expect(await ended).toEqual([0, null]);
    expect(server.log()).toContain("stopped");
  });
});

describe("shutting down", () => {
  it("still answers those whose connection waited to be taken", async () => {
    const vendor = await startLoopback(NO_LINES);
    const { port, ended } = await start(vendor);
    const waiting = Array.from({ length: 200 }, () => wireTo(port, HEALTH));
    await Promise.all(waiting.map(({ socket }) => once(socket, "connect")));
    server.process.kill("SIGTERM");
    const answers = await Promise.all(waiting.map(({ closed }) => closed));
    expect(answers.filter((answer) => statuses(answer)[0] !== 200)).toEqual([]);
    expect(await ended).toEqual([0, null]);
  });

  it("begins nothing behind an answer that is under way", async () => {
    const { reply, release } = held();
    const vendor = await startLoopback(reply);
    const { port, ended } = await start(vendor);
    const wire = wireTo(port, LONG_CALL);
    await vendor.reached(1);
    server.process.kill("SIGTERM");
    await logs("shutting down");
    // Behind the answer that is under way; with it the connection ends, so this is never begun.
    wire.socket.write(LONG_CALL);
    await sleep(100);
    release();
    expect(statuses(await wire.closed)).toEqual([200]);
    expect(vendor.asked).toHaveLength(1);
    expect(await ended).toEqual([0, null]);
  });

  it("goes on answering for drain_seconds, while /readyz tells load balancers to look elsewhere", async () => {
    const vendor = await startLoopback(NO_LINES);
    const { port, ended } = await start(vendor, { drain_seconds: 1.5 });
    const kept = wireTo(port, READY);
    expect(statuses(await kept.until(/"ready"/))).toEqual([200]);
    server.process.kill("SIGTERM");
    await logs("shutting down");
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: "shutting down" }]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const answer = await ask(server, CALL);
    expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"]);
    kept.socket.write(HEALTH);
    expect(await kept.closed).toMatch(/connection: close[\s\S]*"ok"/i);
    expect(await ended).toEqual([0, null]);
  });

  it("cuts what is not done after shutdown_seconds, and its vendor calls with it", async () => {
    const vendor = await startLoopback(silence);
    const { port, ended } = await start(vendor, { shutdown_seconds: 0.5 });
    const wire = wireTo(port, LONG_CALL);
    await vendor.reached(1);
    const started = performance.now();
    server.process.kill("SIGTERM");
    expect(await wire.closed).toBe("");
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(server.log()).toContain("answers were cut short");
    await vendor.idle();
  });

  it("lets a stream come to its end, and refuses what came over its connection meanwhile", async () => {
    const { reply, release } = held(LAST_PAGE);
    const vendor = await startLoopback(page(1), reply);
    const { port, ended } = await start(vendor);
    const wire = wireTo(port, head(`GET ${USAGE}${PAGES} HTTP/1.1`, "Host: localhost"));
    await Promise.all([vendor.reached(2), wire.until(/"result":\[/)]);
    server.process.kill("SIGTERM");
    await logs("shutting down");
    wire.socket.write(LONG_CALL);
    await sleep(100);
    release();
    const answers = await wire.closed;
    expect(statuses(answers)).toEqual([200, 503]);
    expect(answers).toMatch(/"result_count":1[\s\S]*503 Service Unavailable[\s\S]*retry-after: 1/i);
    expect(answers).toMatch(/503 Service Unavailable[\s\S]*connection: close[\s\S]*This copy is shutting down/i);
    expect(vendor.asked).toHaveLength(2);
    expect(await ended).toEqual([0, null]);
  });

  it("is not held up by a request that is only begun", async () => {
    const vendor = await startLoopback(NO_LINES);
    const { port, ended } = await start(vendor);
    const half = wireTo(port, "GET /healthz HTTP/1.1\r\nHost: loc");
    await sleep(100);
    const started = performance.now();
    server.process.kill("SIGTERM");
    await half.closed;
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("ends at once with a second signal", async () => {
    const vendor = await startLoopback(silence);
    const { port, ended } = await start(vendor);
    const wire = wireTo(port, LONG_CALL);
    await vendor.reached(1);
    server.process.kill("SIGINT");
    await logs("shutting down");
    server.process.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    expect(await wire.closed).toBe("");
  });
});

/** Code that the process runs beside ours: it fails when it is told to. */
const FAULTS = `process.on("SIGUSR2",()=>{throw/**/new/**/Error("planted")});process.on("SIGWINCH",()=>{Promise.reject(new/**/Error("left"))})`;
const FAULTY = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(FAULTS)}` };

describe("faults outside of any request", () => {
  it("end the process with 1, once what is in flight is done", async () => {
    const { reply, release } = held();
    const vendor = await startLoopback(reply);
    const { port, ended } = await start(vendor, {}, FAULTY);
    const wire = wireTo(port, LONG_CALL);
    await vendor.reached(1);
    server.process.kill("SIGUSR2");
    expect(await logs("shutting down")).toMatch(/"level":50.*planted.*an exception that nobody caught/);
    release();
    expect(statuses(await wire.closed)).toEqual([200]);
    expect(await ended).toEqual([1, null]);
  });

  it("that concern one promise are told of, and all goes on", async () => {
    const vendor = await startLoopback(NO_LINES);
    const { port } = await start(vendor, {}, FAULTY);
    server.process.kill("SIGWINCH");
    expect(await logs("nobody waited for")).toMatch(/"level":50.*left/);
    expect(statuses(await wireTo(port, HEALTH).until(/ok/))).toEqual([200]);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('usage_mcp_errors_total{kind="internal"} 1');
  });
});
