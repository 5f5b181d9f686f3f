import { expect, it } from "vitest";
import { endServersAfterwards } from "../../vendor-http/loopback.ts";
import { startBuilt, writeConfig } from "../http/server.ts";
import { search } from "./ask.ts";
import { USAGE } from "./service.ts";
import { startCursor } from "./vendors.ts";

endServersAfterwards();

const ROWS = 200_000;
/** What the server's heap may hold, in MB. Twice the rows would fit no better than once: they must not be held at all. */
const HEAP = 72;

it("the first of 60,000 rows in an order of ours are found in a heap that could not hold them", {
  timeout: 60_000,
}, async () => {
  const vendor = await startCursor(60_000);
  const server = await startBuilt(["--config", writeConfig({ accounts: [vendor.account] })], {
    NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
    USAGE_MCP_LOG: "warn",
  });
  try {
    const query = {
      limit: 100,
      sort_by: "start_date",
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-28",
    };
    const response = await fetch(`${server.url}${USAGE}?${search(query)}`);
    expect(await response.json()).toMatchObject({ result_count: 100, next_cursor: expect.any(String) });
  } finally {
    expect(await server.stop()).toBe(0);
  }
});

it("a stream of 200,000 rows passes through a heap far smaller than itself", { timeout: 60_000 }, async () => {
  const vendor = await startCursor(ROWS);
  const config = writeConfig({ accounts: [vendor.account] });
  const server = await startBuilt(["--config", config], {
    NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
    USAGE_MCP_LOG: "warn",
  });
  try {
    const query = {
      truto_response_format: "stream",
      report_type: "usage",
      start_date: "2026-10-01",
      end_date: "2026-10-28",
    };
    const response = await fetch(`${server.url}${USAGE}?${search(query)}`, {
      headers: { accept: "application/x-ndjson" },
    });
    expect(response.status).toBe(200);
    let bytes = 0;
    let lines = 0;
    let last = "";
    for await (const chunk of response.body ?? []) {
      const text = Buffer.from(chunk).toString("latin1");
      bytes += text.length;
      lines += text.split("\n").length - 1;
      last = (last + text).slice(-2000);
    }
    expect(lines).toBe(ROWS + 1);
    expect(JSON.parse(last.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      result_count: ROWS,
      next_cursor: null,
      is_partial_response: false,
    });
    expect(bytes).toBeGreaterThan(2 * HEAP * 1_000_000);
    // The month is asked for in halves, each with a last page of its own.
    expect(vendor.asked.filter(({ method }) => method === "POST")).toHaveLength(ROWS / 1000 + 1);
  } finally {
    expect(await server.stop()).toBe(0);
  }
});
