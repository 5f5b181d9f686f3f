import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { afterAll, describe, it } from "vitest";
import * as z from "zod";
import { createMcpServer } from "../../src/fronts/mcp-server.ts";
import { SILENT } from "../../src/log.ts";
import { engineOf, guardTheEdge } from "../providers/edge.ts";
import { check, sized } from "./check.ts";
import { WRITTEN } from "./written/questions.ts";

const NOW = Date.parse("2026-11-23T09:00:00Z");
const answered = z.looseObject({
  content: z.tuple([z.looseObject({ text: z.string() })]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().default(false),
});

/** One question to a server of its own, by a real client, in this process: its vendors are played here. */
async function ask(accounts: readonly unknown[], name: string, args: Record<string, unknown>) {
  const engine = engineOf(accounts, { now: NOW });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const server = createMcpServer(engine, SILENT);
  const client = new Client({ name: "test", version: "1.0.0" });
  try {
    await server.connect(theirs);
    await client.connect(ours);
    const { content, structuredContent, isError } = answered.parse(await client.callTool({ name, arguments: args }));
    return { text: content[0].text, structured: structuredContent, isError };
  } finally {
    await client.close();
    await server.close();
    await engine.close();
  }
}

describe("questions of cases that no simulated vendor has, over payloads written here", () => {
  guardTheEdge();
  const sizes: string[] = [];
  afterAll(() => console.log(sizes.join("\n")));

  for (const { question, tool, arguments: args, accounts, vendors, expected } of WRITTEN)
    it(question, async () => {
      vendors();
      sizes.push(sized(check(await ask(accounts, tool, args), expected), question));
    });
});
