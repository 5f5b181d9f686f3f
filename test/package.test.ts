import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { supportTable } from "../src/providers/support-table.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}${file}`, "utf8");

describe("the repository as a stranger gets it", () => {
  it("packs the built command and nothing that it doesn't need", () => {
    const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const packed = z
      .array(z.object({ files: z.array(z.object({ path: z.string() })) }))
      .parse(Object.values(JSON.parse(listing)))
      .flatMap(({ files }) => files.map(({ path }) => path));
    expect(packed).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "README.md",
        "dist/cli.js",
        "dist/THIRD_PARTY_LICENSES.txt",
        "mcp.json",
        "package.json",
      ]),
    );
    expect(packed.filter((path) => !/^(?:dist\/|LICENSE$|README\.md$|mcp\.json$|package\.json$)/.test(path))).toEqual(
      [],
    );
    expect(packed.filter((path) => /\.(?:ts|map)$/.test(path))).toEqual([]);
  });

  it("shows the support table that the validator uses", () => {
    const [, table] = /<!-- support table -->\n([\s\S]*?)\n<!-- \/support table -->/.exec(read("README.md")) ?? [];
    expect(table, "npm run docs writes it").toBe(supportTable());
  });

  it("has the same four files in every vendor's folder, and in that of each of its APIs", () => {
    const folders = readdirSync(`${ROOT}src/providers`, { recursive: true, withFileTypes: true })
      .filter(({ name }) => name === "adapter.ts")
      .map(({ parentPath }) => parentPath);
    expect(folders).toHaveLength(5 + 3 + 3);
    for (const folder of folders)
      expect(readdirSync(folder), folder).toEqual(
        expect.arrayContaining(["adapter.ts", "map.ts", "support.ts", "wire.ts"]),
      );
  });

  it("installs from a lock file that names no host", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved":|https?:\/\/[a-z.-]*regist/);
  });

  it("starts the sandbox server with mcp.json's own entry", async () => {
    const { mcpServers } = z
      .object({ mcpServers: z.record(z.string(), z.object({ command: z.string(), args: z.array(z.string()) })) })
      .parse(JSON.parse(read("mcp.json")));
    const entry = mcpServers["usage-sandbox"];
    expect(entry?.command).toBe("node");
    const child = spawn(process.execPath, entry?.args ?? [], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } } })}\n`,
    );
    const [first] = await new Promise<unknown[]>((resolve) =>
      child.stdout.once("data", (...data: unknown[]) => resolve(data)),
    );
    child.stdin.end();
    expect(String(first)).toContain('"name":"usage-mcp"');
  });
});
