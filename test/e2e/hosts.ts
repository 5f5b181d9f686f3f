import { fileURLToPath } from "node:url";
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as LegacyHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
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
  reading: Reading;
  close(): Promise<void>;
}

export type Reference = { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };

/** What hosts can read besides the tools. */
export interface Reading {
  listPrompts(): Promise<unknown[]>;
  /** The text of its one message, which is the user's. */
  getPrompt(name: string, args?: Record<string, string>): Promise<string>;
  listResources(): Promise<unknown[]>;
  listResourceTemplates(): Promise<unknown[]>;
  readResource(uri: string): Promise<{ uri: string; mimeType: string; text: string }>;
  complete(ref: Reference, name: string, value: string): Promise<{ values: string[]; total: number; hasMore: boolean }>;
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

const promptSchema = z.looseObject({
  messages: z.tuple([
    z.looseObject({ role: z.literal("user"), content: z.looseObject({ type: z.literal("text"), text: z.string() }) }),
  ]),
});
const contentsSchema = z.looseObject({
  contents: z.tuple([z.object({ uri: z.string(), mimeType: z.string(), text: z.string() })]),
});
const completionSchema = z.looseObject({
  completion: z.object({ values: z.array(z.string()), total: z.number(), hasMore: z.boolean() }),
});

function readingOf(client: LegacyClient | ModernClient): Reading {
  return {
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: async (name, args) =>
      promptSchema.parse(await client.getPrompt({ name, ...(args ? { arguments: args } : {}) })).messages[0].content
        .text,
    listResources: async () => (await client.listResources()).resources,
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    readResource: async (uri) => contentsSchema.parse(await client.readResource({ uri })).contents[0],
    complete: async (ref, name, value) =>
      completionSchema.parse(await client.complete({ ref, argument: { name, value } })).completion,
  };
}

const LEGACY_CLIENT = { name: "test-2025", version: "1.0.0" };
const MODERN_CLIENT = { name: "test-2026", version: "1.0.0" };
/** Held to its revision: server/discover, no initialize. */
const MODERN_OPTIONS = { versionNegotiation: { mode: { pin: "2026-07-28" } } };

function legacyHost(client: LegacyClient, protocol: string | undefined): Host {
  return {
    protocol,
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools.map((tool) => ({ ...tool })),
    call: async (name, args, options = {}) =>
      answer(await client.callTool({ name, arguments: args }, undefined, { ...options })),
    reading: readingOf(client),
    close: () => client.close(),
  };
}

function modernHost(client: ModernClient): Host {
  return {
    protocol: client.getNegotiatedProtocolVersion(),
    instructions: client.getInstructions(),
    listTools: async () => (await client.listTools()).tools.map((tool) => ({ ...tool })),
    call: async (name, args, options = {}) => answer(await client.callTool({ name, arguments: args }, { ...options })),
    reading: readingOf(client),
    close: () => client.close(),
  };
}

/** The 1.x SDK's client: what 2025-era hosts run. */
export const connectLegacy: Connect = async (args, env) => {
  const client = new LegacyClient(LEGACY_CLIENT);
  const transport = new LegacyStdio({ ...command(args, env), stderr: "ignore" });
  await client.connect(transport);
  // Over stdio its transport does not tell what was negotiated.
  return legacyHost(client, transport.pid === null ? undefined : "2025-11-25");
};

/** The 2.x SDK's client. */
export const connectModern: Connect = async (args, env) => {
  const client = new ModernClient(MODERN_CLIENT, MODERN_OPTIONS);
  await client.connect(new ModernStdio({ ...command(args, env), stderr: "ignore" }));
  return modernHost(client);
};

export const HOSTS = [
  { era: "2025-11-25 (sdk 1.x client)", protocol: "2025-11-25", connect: connectLegacy },
  { era: "2026-07-28 (client 2.x)", protocol: "2026-07-28", connect: connectModern },
] as const;

/** A server that listens, as a client's settings name it. */
export interface Remote {
  /** As the server says it on stderr: without the path. */
  url: string;
  token?: string | undefined;
  /** In place of the global one: a load balancer between the client and several copies. */
  fetch?: typeof fetch;
}

type ConnectRemote = (remote: Remote) => Promise<Host>;

function reached({ url, token, fetch }: Remote) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { endpoint: new URL("/mcp", url), options: { requestInit: { headers }, ...(fetch ? { fetch } : {}) } };
}

/** The 1.x SDK's client over Streamable HTTP. */
const connectLegacyRemote: ConnectRemote = async (remote) => {
  const { endpoint, options } = reached(remote);
  const client = new LegacyClient(LEGACY_CLIENT);
  const transport = new LegacyHttp(endpoint, options);
  await client.connect(transport);
  return legacyHost(client, transport.protocolVersion);
};

/** The 2.x SDK's client over Streamable HTTP. */
const connectModernRemote: ConnectRemote = async (remote) => {
  const { endpoint, options } = reached(remote);
  const client = new ModernClient(MODERN_CLIENT, MODERN_OPTIONS);
  await client.connect(new ModernHttp(endpoint, options));
  return modernHost(client);
};

export const REMOTE_HOSTS = [
  { era: "2025-11-25 (sdk 1.x client)", protocol: "2025-11-25", connect: connectLegacyRemote },
  { era: "2026-07-28 (client 2.x)", protocol: "2026-07-28", connect: connectModernRemote },
] as const;
