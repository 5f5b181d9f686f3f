import dns from "node:dns";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMetrics } from "../../../src/fronts/http/metrics.ts";
import { serveHttp } from "../../../src/fronts/http/serve.ts";
import { SILENT } from "../../../src/log.ts";
import { openEngine } from "../../../src/open.ts";
import { confluentAt } from "./in-process.ts";
import { sendRaw, written } from "./raw.ts";
import { sha256, writeConfig } from "./server.ts";

const TOKENS = [{ name: "a", sha256: sha256("a-token"), accounts: ["*"] }];

async function listen(host: string, http: unknown = undefined) {
  const config = writeConfig({ accounts: [confluentAt("http://127.0.0.1:9")], http });
  const metrics = createMetrics();
  const opened = await openEngine({ config }, {}, SILENT, metrics);
  return serveHttp(opened, { host, port: 0 }, {}, { log: SILENT, metrics });
}

describe("a host name that stands for another address than one thinks", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  /** As a line in /etc/hosts, or a company's name server, may have it. */
  const resolved = (address: string) => {
    const real = dns.lookup;
    return vi.spyOn(dns, "lookup").mockImplementation((...[, ...rest]) => Reflect.apply(real, dns, [address, ...rest]));
  };

  it("is not served without tokens: localhost that is open to others", async () => {
    const lookup = resolved("0.0.0.0");
    await expect(listen("localhost")).rejects.toMatchObject({
      kind: "configuration",
      message: expect.stringMatching(
        /^http: without tokens it serves this machine only, and localhost \(0\.0\.0\.0\) is open/,
      ),
    });
    expect(lookup).toHaveBeenCalled();
  });

  it.each([
    ["localhost without tokens", "127.0.0.1", undefined],
    ["localhost anywhere, with them", "0.0.0.0", { tokens: TOKENS }],
  ])("is served otherwise: %s", async (_, address, http) => {
    resolved(address);
    const running = await listen("localhost", http);
    const { hostname, port } = new URL(running.url);
    expect(hostname).toBe(address);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), "127.0.0.1", () => resolve(socket.destroySoon()));
      socket.once("error", reject);
    });
    await running.stop();
  });
});

it("is reached under the very address that it was given", async () => {
  const running = await listen("127.0.0.2");
  expect((await fetch(`${running.url}/openapi.json`)).status).toBe(200);
  await running.stop();
});

describe("a server that others reach", () => {
  it.each([
    ["its configured names and localhost only", ["usage.example.com"], [401, 401, 403, 403, 403]],
    ["any name where none is configured", undefined, [401, 401, 401, 401, 401]],
  ])("answers to %s", async (_, hosts, expected) => {
    const running = await listen("0.0.0.0", { tokens: TOKENS, ...(hosts ? { hosts } : {}) });
    const url = running.url.replace("0.0.0.0", "127.0.0.1");
    const names: Record<string, string>[] = [
      { Host: "usage.example.com:8443" },
      { Host: "localhost", "X-Forwarded-Host": "evil.example", Forwarded: "host=evil.example" },
      { Host: "evil.example" },
      { Host: "evil.example", "X-Forwarded-Host": "usage.example.com", Forwarded: "host=usage.example.com" },
      { Host: "0.0.0.0" },
    ];
    const answers = await Promise.all(
      names.map((headers) => sendRaw(url, written("", { path: "/unified/usage-metering/usage", headers }))),
    );
    expect(answers.map(({ status }) => status)).toEqual(expected);
    await running.stop();
  });

  it("takes its own pages for its own", async () => {
    const running = await listen("127.0.0.1", { tokens: TOKENS, hosts: ["usage.example.com"] });
    const from = async (origin: string) => {
      const headers = { Host: "usage.example.com", Origin: origin };
      return (await sendRaw(running.url, written("", { path: "/mcp", headers }))).status;
    };
    expect([await from("https://usage.example.com"), await from("https://usage.example.com.evil.example")]).toEqual([
      401, 403,
    ]);
    await running.stop();
  });
});

it.each(["", "0", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "localhost.", "127.1", "128.0.0.1"])(
  "does not take %j for this machine",
  async (host) => {
    await expect(listen(host)).rejects.toThrow(/^http: without tokens it serves this machine only/);
  },
);
