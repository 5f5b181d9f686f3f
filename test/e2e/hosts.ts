import { fileURLToPath } from "node:url";
import { Client as ModernClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import * as z from "zod";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
/** A fixed day for the simulated vendors, so that whole answers repeat. */
export const NOW = "2026-11-23T09:00:00Z";

export interface Answer {
  text: string;
  structured: Record<string, unknown> | undefined;
  isError: boolean;
}

export interface CallOptions {
  signal?: AbortSignal;
  onprogress?: (progress: { progress: number; message?: string | undefined }) => void;
}

/** What both real clients can do, in one shape. */
export interface Host {
  protocol: string | undefined;
  instructions: string | undefined;
  listTools(): Promise<Record<string, unknown>[]>;
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export type Connect = (args: readonly string[], env?: Record<string, string>) => Promise<Host>;

function command(args: readonly string[], env: Record<string, string> = {}) {
  const inherited = { PATH: process.env["PATH"] ?? "", USAGE_MCP_SANDBOX_NOW: NOW };
  return { command: process.execPath, args: [CLI, ...args], env: { ...inherited, ...env } };
}

const resultSchema = z.looseObject({
  content: z.array(z.looseObject({ text: z.string().optional() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

function answer(result: unknown): Answer {
  const { content, structuredContent, isError } = resultSchema.parse(result);
  return { text: content[0]?.text ?? "", structured: structuredContent, isError: isError === true };
}

/** The 1.x SDK's client: what 2025-era hosts run. */
export const connectLegacy: Connect = async (args, env) => {
  const client = new LegacyClient({ name: "test-2025", version: "1.0.0" });
  const transport = new LegacyStdio({ ...command(args, env), stderr: "ignore" });
  await client.connect(transport);
  return {
    protocol: transport.pid === null ? undefined : "2025-11-25",
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools.map((tool) => ({ ...tool })),
    call: async (name, args, options = {}) =>
      answer(await client.callTool({ name, arguments: args }, undefined, { ...options })),
    close: () => client.close(),
  };
};

/** The 2.x SDK's client, held to 2026-07-28: server/discover, no initialize. */
export const connectModern: Connect = async (args, env) => {
  const client = new ModernClient(
    { name: "test-2026", version: "1.0.0" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } } },
  );
  await client.connect(new ModernStdio({ ...command(args, env), stderr: "ignore" }));
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools.map((tool) => ({ ...tool })),
    call: async (name, args, options = {}) => answer(await client.callTool({ name, arguments: args }, { ...options })),
    close: () => client.close(),
  };
};

export const HOSTS = [
  { era: "2025-11-25 (sdk 1.x client)", protocol: "2025-11-25", connect: connectLegacy },
  { era: "2026-07-28 (client 2.x)", protocol: "2026-07-28", connect: connectModern },
] as const;
