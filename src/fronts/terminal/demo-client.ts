import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { UsageError } from "../../errors.ts";
import { VERSION } from "../../version.ts";
import type { Arguments } from "./flags.ts";

/** A tool's answer as a host has it. */
export interface ToolAnswer {
  structured: unknown;
  text: string;
  isError: boolean;
  milliseconds: number;
}

/** A host of its own: a real MCP client beside a real server process, spoken to over its stdin and stdout. */
export class DemoClient {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /** Starts this same command as a server with simulated vendors. */
  static async start(): Promise<DemoClient> {
    const client = new Client(
      { name: "usage-mcp-demo", version: VERSION },
      { versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    const now = process.env["USAGE_MCP_SANDBOX_NOW"];
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [process.argv[1] ?? "usage-mcp", "--sandbox"],
      env: { ...getDefaultEnvironment(), ...(now ? { USAGE_MCP_SANDBOX_NOW: now } : {}) },
    });
    await client.connect(transport);
    return new DemoClient(client);
  }

  /** Who answered, and in which revision of the protocol. */
  get server(): string {
    const { name = "a server", version = "" } = this.#client.getServerVersion() ?? {};
    return `${name} ${version}, MCP ${this.#client.getNegotiatedProtocolVersion() ?? ""}`;
  }

  async toolNames(): Promise<string[]> {
    const { tools } = await this.#client.listTools();
    return tools.map(({ name }) => name);
  }

  async call(name: string, args: Arguments): Promise<ToolAnswer> {
    const started = performance.now();
    const { content, structuredContent, isError = false } = await this.#client.callTool({ name, arguments: args });
    const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
    const milliseconds = Math.round(performance.now() - started);
    return { structured: structuredContent, text, isError, milliseconds };
  }

  /** A call that must succeed. @throws UsageError with what the tool said */
  async ask(name: string, args: Arguments): Promise<ToolAnswer> {
    const answer = await this.call(name, args);
    if (answer.isError) throw new UsageError("unavailable", `${name} answered with an error: ${answer.text}`);
    return answer;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
