import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readConfigFile } from "../src/accounts/config.ts";
import { readHttpConfig } from "../src/fronts/http/config.ts";
import { limitsShape, USUAL_LIMITS } from "../src/fronts/http/limits-config.ts";
import { createMetrics } from "../src/fronts/http/metrics.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}${file}`, "utf8");
const [dockerfile, dockerignore] = [read("Dockerfile"), read(".dockerignore")];
const [unit, compose, nginx] = [
  read("deploy/usage-mcp.service"),
  read("deploy/compose.yaml"),
  read("deploy/nginx.conf"),
];
const page = read("docs/running.md");
const sources = execFileSync("grep", ["-rhoE", "USAGE_MCP_[A-Z0-9_]+", `${ROOT}src`], { encoding: "utf8" });

/** What stands behind a word at the beginning of lines: of a Dockerfile's instruction, of a unit's setting. */
function said(text: string, word: RegExp): string[] {
  return [...text.matchAll(new RegExp(`^${word.source}(.*)$`, "gm"))].map(([, rest = ""]) => rest.trim());
}

/** The flags of a command line, which the help of `usage-mcp http` must know. */
function expectRuns(args: readonly string[]): void {
  const help = execFileSync(process.execPath, [`${ROOT}dist/cli.js`, "http", "--help"], { encoding: "utf8" });
  expect(args[0]).toBe("http");
  for (const flag of args.filter((arg) => arg.startsWith("-"))) expect(help).toContain(flag);
}

describe("the Dockerfile", () => {
  it("copies what exists, and what .dockerignore lets through", () => {
    const allowed = said(dockerignore, /!/);
    const copied = said(dockerfile, /COPY /)
      .filter((line) => !line.startsWith("--from"))
      .flatMap((line) => line.split(" ").slice(0, -1));
    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) {
      expect(existsSync(`${ROOT}${path}`), path).toBe(true);
      expect(allowed).toContain(path.split("/")[0]);
    }
    for (const path of allowed) expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    expect(said(dockerignore, /(?=\*)/)).toEqual(["*"]);
  });

  it("starts the command that there is, on the port that it exposes and asks for its health, as nobody's root", () => {
    const [entry = "", command = ""] = [said(dockerfile, /ENTRYPOINT /)[0], said(dockerfile, /CMD /)[0]];
    expect(JSON.parse(entry)).toEqual(["node", "dist/cli.js"]);
    expectRuns(JSON.parse(command));
    const [port = ""] = said(dockerfile, /EXPOSE /);
    expect(JSON.parse(command)).toEqual(expect.arrayContaining(["--host", "0.0.0.0", "--port", port]));
    expect(dockerfile).toContain(`fetch('http://127.0.0.1:${port}/healthz')`);
    expect(said(dockerfile, /USER /)).toEqual(["1000:1000"]);
    expect(dockerfile).toContain("RUN npm ci");
    const [node = ""] = said(dockerfile, /ARG NODE=/);
    const [, oldest = ""] = /"node": ">=(\d+)\./.exec(read("package.json")) ?? [];
    expect(Number(node)).toBeGreaterThanOrEqual(Number(oldest));
  });
});

describe("the systemd unit", () => {
  it("starts the command that there is, with variables that are read", () => {
    const [start = ""] = said(unit, /ExecStart=/);
    const [, file, ...args] = start.split(" ");
    expect(file).toBe("/opt/usage-mcp/dist/cli.js");
    expectRuns(args);
    for (const [name] of unit.matchAll(/USAGE_MCP_\w+/g)) expect(sources).toContain(name);
    const [credential = ""] = said(unit, /LoadCredential=/);
    expect(said(unit, /Environment=/)).toContain(`USAGE_MCP_CONFIG=%d/${credential.split(":")[0]}`);
  });

  it("waits longer than the shutdown takes", () => {
    const [seconds = ""] = said(unit, /TimeoutStopSec=/);
    expect(Number(seconds)).toBeGreaterThan(USUAL_LIMITS.drainSeconds + USUAL_LIMITS.shutdownSeconds);
  });
});

describe("two copies behind a proxy", () => {
  it("are the copies that the proxy knows, on the port that they listen on", () => {
    const copies = [...compose.matchAll(/^ {2}([\w-]+): \*copy$/gm)].map(([, name]) => name);
    const known = [...nginx.matchAll(/^\s+server ([\w-]+):(\d+) /gm)];
    expect(known.map(([, name]) => name)).toEqual(copies);
    expect(new Set(known.map(([, , port]) => port))).toEqual(new Set(said(dockerfile, /EXPOSE /)));
    const [, inside] = /ports: \["\d+:(\d+)"\]/.exec(compose) ?? [];
    expect(nginx).toContain(`listen ${inside};`);
    expect(compose).toContain("./nginx.conf:/etc/nginx/nginx.conf:ro");
  });

  it("read the configuration that is mounted, and share what they must", () => {
    const [, mounted] = /\.\/config\.json:(\S+):ro/.exec(compose) ?? [];
    expect(compose).toContain(`USAGE_MCP_CONFIG: ${mounted}`);
    expect(compose).toMatch(/^ {4}USAGE_MCP_CURSOR_SECRET: \$\{USAGE_MCP_CURSOR_SECRET:\?/m);
    for (const [name] of compose.matchAll(/USAGE_MCP_[A-Z_]+/g)) expect(sources).toContain(name);
    const [, grace = ""] = /stop_grace_period: (\d+)s/.exec(compose) ?? [];
    expect(Number(grace)).toBeGreaterThan(USUAL_LIMITS.drainSeconds + USUAL_LIMITS.shutdownSeconds);
  });

  it("stream through it, and are given time", () => {
    const seconds = (setting: string) => Number(new RegExp(`^\\s+${setting} (\\d+)s;`, "m").exec(nginx)?.[1]);
    expect(nginx).toMatch(/^\s+proxy_buffering off;/m);
    expect(nginx).toMatch(/^\s+proxy_http_version 1\.1;/m);
    expect(seconds("proxy_read_timeout")).toBeGreaterThan(USUAL_LIMITS.callSeconds);
    expect(seconds("keepalive_timeout")).toBeLessThan(65);
    expect(nginx).not.toContain("non_idempotent");
    expect(nginx).toContain(`client_max_body_size ${USUAL_LIMITS.bodyBytes / 1024 / 1024}m;`);
    expect(nginx).toContain(`large_client_header_buffers 4 ${USUAL_LIMITS.headerBytes / 1024}k;`);
  });

  it("can be configured as the example is", () => {
    const hash = (digit: string) => digit.repeat(64);
    const env = {
      ANTHROPIC_ANALYTICS_KEY: "a",
      DD_API_KEY: "b",
      DD_APP_KEY: "c",
      AGENTS_TOKEN_SHA256: hash("1"),
      OBSERVABILITY_TOKEN_SHA256: hash("2"),
      PROMETHEUS_TOKEN_SHA256: hash("3"),
    };
    const file = `${ROOT}deploy/config.example.json`;
    const { accounts, http } = readConfigFile(file, env);
    const config = readHttpConfig(
      http,
      file,
      env,
      accounts.map(({ id }) => id),
    );
    expect(config.tokens.map(({ name }) => name)).toEqual(["agents", "observability", "prometheus"]);
    expect(read("deploy/config.example.json")).not.toMatch(
      /"(?:api_key|application_key|sha256)": "(?!\$\{[A-Z0-9_]+\}")/,
    );
  });
});

describe("the page on running it", () => {
  it("names every limit with its usual value, and no other", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name, usual]) => [name, Number(usual)]);
    const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    expect(rows.map(([name]) => name)).toEqual(Object.keys(limitsShape.shape));
    expect(Object.fromEntries(rows.map(([name, usual]) => [camel(String(name)), usual]))).toEqual(USUAL_LIMITS);
  });

  it("names every metric", async () => {
    const metrics = createMetrics();
    metrics.request()({ method: "GET", route: "/mcp", status: 200, seconds: 1 });
    metrics.refused("auth");
    metrics.toolCall("list_usage", "ok");
    metrics.failure("internal");
    metrics.vendorCall("claude", 200, 1);
    metrics.vendorRetry("claude");
    metrics.vendorWait("claude", 1);
    metrics.cache("names", "claude", true);
    const there = [...(await metrics.text()).matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    const named = [...page.matchAll(/`((?:usage_mcp|process)_[a-z_]+)`/g)].map(([, name]) => name);
    expect(named.sort()).toEqual(there.sort());
  });

  it("shows an OAuth section that is taken", () => {
    const [, example = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const config = readHttpConfig({ oauth: JSON.parse(example) }, "running.md", {}, ["datadog"]);
    expect(config.oauth).toMatchObject({ audience: "https://usage.example.com/mcp" });
  });

  it("names files and variables that there are", () => {
    for (const [, path = ""] of page.matchAll(/\]\(\.\.\/([^)]+)\)/g))
      expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    for (const [name] of page.matchAll(/USAGE_MCP_[A-Z0-9_]+/g)) expect(sources).toContain(name);
    for (const [, args = ""] of page.matchAll(/^usage-mcp --config config\.json (http .*)$/gm))
      expectRuns(args.split(" "));
  });
});
