import { afterAll, expect, it } from "vitest";
import { modernRequest } from "../../e2e/protocol/requests.ts";
import { ask, callMcp, confluentAt, LIST_TOOLS, toolCall } from "./in-process.ts";
import { type BuiltServer, startBuilt, writeConfig } from "./server.ts";

/** Room for the server and what a few requests hold; a request that is kept for ever costs some 30 KB of it. */
const HEAP = "--max-old-space-size=40";
const ROUNDS = 60;
const AT_A_TIME = 10;

let server: BuiltServer | undefined;
afterAll(() => server?.stop("SIGKILL"));

it("keeps nothing of requests that are answered", async () => {
  const limits = { requests_per_token: 1_000_000, requests_per_account: 1_000_000 };
  const accounts = [confluentAt("http://127.0.0.1:9")];
  const built = await startBuilt(["--config", writeConfig({ accounts, http: { limits } })], {
    NODE_OPTIONS: HEAP,
    USAGE_MCP_LOG: "error",
  });
  server = built;
  const list = modernRequest("tools/list");
  const modern = () =>
    fetch(`${built.url}/mcp`, { method: "POST", headers: list.headers, body: JSON.stringify(list.message) });
  const kinds = [
    () => callMcp(built, LIST_TOOLS),
    modern,
    () => callMcp(built, toolCall("list_accounts")),
    () => ask(built, "?limit=none"),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const answers = kinds.flatMap((kind) => Array.from({ length: AT_A_TIME }, kind));
    await Promise.all(answers.map(async (answer) => (await answer).text())).catch(() => {
      throw new Error(`the server ended in round ${round}: ${built.log().slice(-600)}`);
    });
  }
  expect(await built.stop()).toBe(0);
}, 60_000);
