import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLI, NOW } from "../../e2e/hosts.ts";
import { sha256, startBuilt, writeConfig } from "./server.ts";

/** Runs the built command until it ends; one that goes on serving is a fault. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env["PATH"] ?? "", USAGE_MCP_SANDBOX_NOW: NOW, USAGE_MCP_LOG: "error", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000,
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
    child.once("close", (code) => resolve({ code, said: said.trim() }));
  });
}

const ACCOUNT = { id: "cursor", provider: "cursor", credentials: { api_key: "planted-cursor-key" } };
const withHttp = (http: unknown) => ["--config", writeConfig({ accounts: [ACCOUNT], http }), "http", "--port", "0"];

describe("usage-mcp http", () => {
  it.each(["0.0.0.0", "::", "10.1.2.3", "example.com"])(
    "refuses to serve others without tokens: --host %s",
    async (host) => {
      const { code, said } = await run(["--sandbox", "http", "--port", "0", "--host", host]);
      expect(code).toBe(1);
      expect(said).toMatch(
        /^usage-mcp: http: without tokens it serves this machine only, and .* is open to others\. Add http\.tokens/,
      );
      expect(said).not.toContain("\n");
    },
  );

  it("serves every address once there is a token, from the environment too", async () => {
    const token = "a-token-of-the-environment";
    const server = await startBuilt(["--sandbox"], { USAGE_MCP_HTTP_TOKEN_SHA256: sha256(token) }, [
      "--host",
      "0.0.0.0",
    ]);
    onTestFinished(() => void server.process.kill("SIGKILL"));
    const url = server.url.replace("0.0.0.0", "127.0.0.1");
    const ask = async (headers: Record<string, string>) => {
      const query = "integrated_account_id=datadog&limit=1";
      return (await fetch(`${url}/unified/usage-metering/usage?${query}`, { headers })).status;
    };
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: "Bearer another-one" })).toBe(401);
    expect(await ask({ authorization: `Bearer ${token}` })).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  it("says which port is taken", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => {
        const address = holder.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    const { code, said } = await run(["--sandbox", "http", "--port", String(port)]);
    holder.close();
    expect(code).toBe(1);
    expect(said).toBe(
      `usage-mcp: http: it can't listen on 127.0.0.1:${port}, the port is taken. Choose another with --host and --port.`,
    );
  });

  it.each([
    ["a port that is none", ["--sandbox", "http", "--port", "99999"], /It is a number from 0 to 65535/],
    ["an http section that is a list", withHttp([]), /http: must be an object/],
    ["a setting that isn't", withHttp({ token: [] }), /http\.token: there is no such setting/],
    [
      "a token in the open",
      withHttp({ tokens: [{ name: "a", sha256: "secret", accounts: ["*"] }] }),
      /http\.tokens\[0\]\.sha256: must be the SHA-256/,
    ],
    [
      "an account that isn't",
      withHttp({ tokens: [{ name: "a", sha256: sha256("x"), accounts: ["curser"] }] }),
      /http\.tokens\[0\]\.accounts: there is no account 'curser'; there are cursor\. Did you mean 'cursor'\?/,
    ],
  ])("refuses %s", async (_, args, says) => {
    const { code, said } = await run(args);
    expect(code).toBe(1);
    expect(said).toMatch(says);
    expect(said).not.toMatch(/planted|\n {4}at /);
  });
});
