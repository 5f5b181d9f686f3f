import * as z from "zod";
import { createMetrics } from "../../../src/fronts/http/metrics.ts";
import { serveHttp } from "../../../src/fronts/http/serve.ts";
import type { Log } from "../../../src/log.ts";
import { openEngine } from "../../../src/open.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { writeConfig } from "./server.ts";

export interface Guarded {
  url: string;
  /** What it logged, as JSON. */
  readonly log: string[];
  close(): Promise<void>;
}

/**
 * The server in this process over the simulated vendors, with an `http` section in its config.
 * @param options.id of the account that the sandbox calls by a word
 */
export async function startGuarded(
  http: unknown,
  { env = {}, id = (word) => word }: { env?: NodeJS.ProcessEnv; id?: (word: string) => string } = {},
): Promise<Guarded> {
  const sandbox = await startSandbox({ now: () => new Date() });
  const accounts = sandbox.accounts.map((account) => ({ ...account, id: id(account.id) }));
  const log: string[] = [];
  const write = (fields: Record<string, unknown>, message: string) => {
    log.push(JSON.stringify({ ...fields, message }));
  };
  const kept: Log = { debug: write, info: write, warn: write, error: write };
  const metrics = createMetrics();
  const opened = await openEngine({ config: writeConfig({ accounts, http }) }, env, kept, metrics);
  const running = await serveHttp(opened, { host: "127.0.0.1", port: 0 }, env, { log: kept, metrics });
  return {
    url: running.url,
    log,
    close: async () => {
      await running.stop();
      await opened.close();
      await sandbox.close();
    },
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const answerShape = z.looseObject({
  result: z
    .looseObject({
      isError: z.boolean().optional(),
      structuredContent: z.looseObject({}).optional(),
      content: z.array(z.looseObject({ text: z.string() })).optional(),
    })
    .optional(),
});

export interface ToolAnswer {
  status: number;
  headers: Headers;
  /** Of the tool, JSON or an error's words; the body where there was no tool's answer. */
  text: string;
  isError: boolean;
  structured: Record<string, unknown>;
}

/** Calls a tool as a 2025-era client does, in one request. */
export async function callTool(
  { url }: Pick<Guarded, "url">,
  headers: Record<string, string>,
  name: string,
  args: Record<string, unknown> = {},
): Promise<ToolAnswer> {
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-protocol-version": "2025-11-25",
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const body = await response.text();
  const [, event = body] = /^data: (.*)$/m.exec(body) ?? [];
  const { result } = answerShape.parse(JSON.parse(event));
  return {
    status: response.status,
    headers: response.headers,
    text: result?.content?.[0]?.text ?? body,
    isError: result?.isError === true,
    structured: result?.structuredContent ?? {},
  };
}

const accountsShape = z.looseObject({ accounts: z.array(z.looseObject({ integrated_account_id: z.string() })) });

/** Which accounts a caller is shown. */
export async function accountsOf(server: Pick<Guarded, "url">, headers: Record<string, string>): Promise<string[]> {
  const { structured } = await callTool(server, headers, "list_accounts");
  return accountsShape.parse(structured).accounts.map((account) => account.integrated_account_id);
}
