import { describe, expect, it } from "vitest";
import { ask, callMcp, serve, stopServersAfterwards, toolCall } from "../fronts/http/in-process.ts";
import { writeConfig } from "../fronts/http/server.ts";
import { run } from "../fronts/terminal/command-line.ts";
import { endServersAfterwards, json, silence, startLoopback } from "../vendor-http/loopback.ts";
import { connectModern } from "./hosts.ts";

endServersAfterwards();
stopServersAfterwards();

/** Cursor, which throttles for half a minute. */
const throttling = json({ error: "Too Many Requests", message: "Rate limit exceeded." }, 429, { "retry-after": "30" });
const cursorAt = (url: string) => ({
  id: "cursor",
  provider: "cursor",
  base_url: url,
  credentials: { api_key: "crsr_s3cret" },
});
const ASKED = { report_type: "cost", start_date: "2026-10-01", end_date: "2026-10-02" };
const CALL = "?report_type=cost&start_date=2026-10-01&end_date=2026-10-02";

/** What a call that can't wait is told: the vendor, the account, for what, how long, and what to do. */
const TOLD = /^cursor account 'cursor': .*(?:Ask|try) again in 30 s/s;

async function timed<Result>(work: Promise<Result>): Promise<{ result: Result; seconds: number }> {
  const started = performance.now();
  const result = await work;
  return { result, seconds: (performance.now() - started) / 1000 };
}

describe("a call whose time is shorter than the vendor's wait", () => {
  it("ends at once over REST, with Retry-After", async () => {
    const vendor = await startLoopback(throttling);
    const server = await serve([cursorAt(vendor.url)], { limits: { call_seconds: 10 } });
    const { result, seconds } = await timed(ask(server, CALL));
    expect(seconds).toBeLessThan(5);
    expect(result.status).toBe(429);
    expect(result.headers.get("retry-after")).toBe("30");
    expect(await result.json()).toMatchObject({ message: expect.stringMatching(TOLD), truto_is_remote_error: true });
    // Whoever comes next is told the same without another call.
    const next = await ask(server, CALL);
    expect(next.headers.get("retry-after")).toMatch(/^(?:2[5-9]|30)$/);
    expect(vendor.asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("ends at once over MCP, and spoils no other account of a summary", async () => {
    const vendor = await startLoopback(throttling);
    const other = await startLoopback(json({ data: [], metadata: {} }));
    const confluent = {
      id: "confluent",
      provider: "confluent",
      base_url: other.url,
      credentials: { api_key: "cc-key-s3cret", api_secret: "cc-sec-s3cret" },
    };
    const server = await serve([cursorAt(vendor.url), confluent], { limits: { call_seconds: 10 } });
    const { result, seconds } = await timed(callMcp(server, toolCall("get_cost_summary", { period: "2026-10" })));
    expect(seconds).toBeLessThan(5);
    const told = await result.text();
    expect(told).toContain("30 s");
    expect(told).toMatch(/"integrated_account_id\\*":\\*"confluent\\*",[^}]*"status\\*":\\*"ok/);
  });

  it("ends at once over stdio and in the terminal, where --timeout limits it", async () => {
    const vendor = await startLoopback(throttling);
    const config = writeConfig({ accounts: [cursorAt(vendor.url)] });
    const host = await connectModern(["--config", config, "--timeout", "10"]);
    const { result, seconds } = await timed(host.call("list_usage", ASKED));
    await host.close();
    expect(seconds).toBeLessThan(5);
    expect(result).toMatchObject({ isError: true, text: expect.stringMatching(TOLD) });
    const terminal = await timed(run(["--config", config, "--timeout", "10", "cost", "--period", "2026-10"]));
    expect(terminal.seconds).toBeLessThan(8);
    expect(terminal.result).toMatchObject({ code: 1, stderr: expect.stringMatching(/\b(?:2[5-9]|30) s\b/) });
  });
});

describe("a call that has the time", () => {
  it("tells the host what it waits for", async () => {
    const vendor = await startLoopback(throttling);
    const host = await connectModern(["--config", writeConfig({ accounts: [cursorAt(vendor.url)] })]);
    const ended = new AbortController();
    const said: string[] = [];
    const onprogress = ({ message = "" }: { message?: string | undefined }) => {
      said.push(message);
      ended.abort();
    };
    await expect(host.call("list_usage", ASKED, { signal: ended.signal, onprogress })).rejects.toThrow();
    await host.close();
    expect(said[0]).toMatch(/^waiting (?:29|30) s for .*Cursor/);
  });
});

describe("--timeout", () => {
  it("ends a call to a vendor that never answers", async () => {
    const vendor = await startLoopback(silence);
    const config = writeConfig({ accounts: [cursorAt(vendor.url)] });
    const { result, seconds } = await timed(
      run(["--config", config, "--timeout", "0.5", "usage", "--date", "2026-10-01"]),
    );
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining("no whole answer within 0.5 s") });
    expect(seconds).toBeLessThan(8);
    await vendor.idle();
  });

  it.each(["0", "-1", "soon", "1e3"])("%s is refused", async (text) => {
    const { code, stderr } = await run(["--sandbox", `--timeout=${text}`, "cost"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/timeout.*number of seconds/s);
  });

  it("is refused over HTTP, which has its own setting", async () => {
    const { code, stderr } = await run(["--sandbox", "--timeout", "5", "http", "--port", "0"]);
    expect(code).toBe(1);
    expect(stderr).toContain("call_seconds");
  });
});
