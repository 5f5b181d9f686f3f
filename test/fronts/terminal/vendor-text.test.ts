import { createServer, type Server, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCsv, parseJson, parseLines, run, writeConfig } from "./cli.ts";

/** Renames a window, clears it, colours it, and a C1 introducer of the same. */
const STEERING = "a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\u007f";
const SECRETS = { api_key: "cc-key-s3cret", api_secret: "cc-sec-s3cret" };

function line(name: string) {
  return {
    start_date: "2026-10-01",
    end_date: "2026-10-02",
    product: "KAFKA",
    line_type: "KAFKA_STORAGE",
    unit: "GB",
    quantity: 1,
    original_amount: 0.1,
    amount: 0.1,
    resource: { id: `id of ${name}`, display_name: name, environment: { id: "env-1" } },
  };
}

const servers: Server[] = [];

/** A Confluent on loopback; the config file of its account. */
async function vendor(id: string, answer: (response: ServerResponse) => void): Promise<object> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    answer(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { id, provider: "confluent", base_url: `http://127.0.0.1:${port}`, credentials: SECRETS };
}

let good = "";
let bad = "";
let both = "";
beforeAll(async () => {
  const naming = await vendor("naming", (response) =>
    response.end(JSON.stringify({ data: [line(STEERING), line("=1+1")] })),
  );
  const refusing = await vendor("refusing", (response) => {
    response.statusCode = 403;
    response.end(JSON.stringify({ errors: [{ detail: `No\r\n${STEERING}` }] }));
  });
  good = writeConfig([naming], "good.json");
  bad = writeConfig([refusing], "bad.json");
  both = writeConfig([naming, refusing], "both.json");
});
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** Control characters but the line feed that ends lines. */
function steering(text: string): string[] {
  return [...text].filter((character) => character !== "\n" && /\p{Cc}/u.test(character));
}

const OCTOBER = ["--start-date", "2026-10-01"];

describe("a vendor's text", () => {
  it.each([
    ["usage", "table", OCTOBER],
    ["usage", "json", OCTOBER],
    ["usage", "ndjson", OCTOBER],
    ["usage", "csv", OCTOBER],
    ["cost", "table", ["--period", "2026-10", "--group-by", "resource"]],
    ["cost", "csv", ["--period", "2026-10", "--group-by", "resource"]],
  ])("steers no terminal: %s -o %s", async (command, format, args) => {
    const { code, stdout, stderr } = await run(["--config", good, command, "-o", format, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain("owned");
    expect(steering(stdout + stderr)).toEqual([]);
  });

  it("is whole in json, whatever it holds", async () => {
    const { stdout } = await run(["--config", good, "usage", ...OCTOBER, "-o", "ndjson"]);
    expect(JSON.stringify(parseLines(stdout))).toContain(JSON.stringify(STEERING).slice(1, -1));
  });

  it("is no formula in csv, and its numbers are no text", async () => {
    const { stdout } = await run(["--config", good, "usage", ...OCTOBER, "-o", "csv"]);
    const row = parseCsv(stdout).find((own) => own["resources.id"] === "id of =1+1");
    expect(row).toMatchObject({ "resources.name": "'=1+1", "charges.net": "0.1" });
  });

  it("in a refusal stands on one line, steers nothing and is told once", async () => {
    const { code, stdout, stderr } = await run(["--config", bad, "usage", ...OCTOBER]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^usage-mcp: confluent account 'refusing': [^\n]*HTTP 403[^\n]*\n$/);
    expect(steering(stderr)).toEqual([]);
  });
});

describe("a failing account", () => {
  it("doesn't spoil the others' cost, and is named", async () => {
    const { code, stdout, stderr } = await run(["--config", both, "cost", "--period", "2026-10", "-o", "json"]);
    expect(code).toBe(0);
    expect(parseJson(stdout)).toMatchObject({ totals: [{ currency: "USD", net: 0.2 }], is_partial_response: true });
    expect(stderr).toMatch(/^error: refusing: .*403/m);
    expect(steering(stdout + stderr)).toEqual([]);
  });

  it("that is the only one ends with exit code 1", async () => {
    const { code, stderr } = await run(["--config", bad, "cost", "--period", "2026-10", "-o", "csv"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/refusing: .*403/);
  });

  it("tells its secrets to no stream, even while all is logged", async () => {
    for (const command of ["usage", "cost"]) {
      const { stdout, stderr } = await run(
        ["--config", both, command, ...(command === "usage" ? ["-a", "refusing"] : [])],
        {
          env: { USAGE_MCP_LOG: "debug" },
        },
      );
      const basic = Buffer.from(`${SECRETS.api_key}:${SECRETS.api_secret}`).toString("base64");
      for (const secret of [...Object.values(SECRETS), basic]) expect(stdout + stderr).not.toContain(secret);
    }
  });
});
