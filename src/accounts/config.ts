import { readFileSync } from "node:fs";
import { parse } from "lossless-json";
import * as z from "zod";
import { didYouMean, listed, shown } from "../suggest.ts";
import { type Account, PROVIDER_NAMES, PROVIDERS } from "./account.ts";
import { broken, checkUrl, expand, isObject } from "./config-values.ts";
import { DATADOG_SITES } from "./datadog-sites.ts";
import { Secret } from "./secret.ts";

/** The config file's shape, per provider: which credentials and settings an account of it has. */
const filled = z.string().min(1, "must not be empty");
/** What a header can carry. Keys are often copied with a line break behind them. */
const credential = filled.regex(
  /^[\x21-\x7e]+$/,
  "holds a space, a line break or a character beyond ASCII; copy it again",
);
const common = {
  id: filled.max(200),
  name: filled.max(200).optional(),
  base_url: z.string().optional(),
  calls_per_minute: z
    .int("must be a whole number")
    .min(1, "must be 1 at least")
    .max(1_000_000, "must be 1000000 at most")
    .optional(),
};
const apiKey = z.strictObject({ api_key: credential });

const accountShapes = {
  claude: z.strictObject({
    ...common,
    provider: z.literal("claude"),
    api: z.enum(["v2"]).optional(),
    credentials: apiKey,
  }),
  openai_codex: z.strictObject({
    ...common,
    provider: z.literal("openai_codex"),
    analytics_base_url: z.string().optional(),
    workspace_id: filled.optional(),
    organization_id: filled.optional(),
    credentials: apiKey,
  }),
  cursor: z.strictObject({ ...common, provider: z.literal("cursor"), credentials: apiKey }),
  confluent: z.strictObject({
    ...common,
    provider: z.literal("confluent"),
    credentials: z.strictObject({ api_key: credential, api_secret: credential }),
  }),
  datadog: z.strictObject({
    ...common,
    provider: z.literal("datadog"),
    site: z.string().optional(),
    credentials: z.strictObject({ api_key: credential, application_key: credential }),
  }),
} as const;

const TOP_LEVEL = ["accounts", "http", "cache"];

/** A config file as far as it was read: its accounts, and for their readers the sections on HTTP and on what is kept. */
export interface ConfigFile {
  accounts: Account[];
  http: unknown;
  cache: unknown;
}

/** Reads and checks the config file. @throws UsageError (configuration): one sentence with the file and the path in it */
export function readConfigFile(file: string, env: NodeJS.ProcessEnv): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw broken(file, code === "ENOENT" ? "there is no such file." : `it cannot be read (${code}).`);
  }
  let config: unknown;
  try {
    // Some editors write a byte order mark.
    config = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw broken(file, `it is not JSON${jsonFault(text)}.`);
  }
  const { http, cache }: Record<string, unknown> = isObject(config) ? config : {};
  return { accounts: readConfig(config, file, env), http, cache };
}

/** Checks a parsed config. `${NAME}` in any string is read from the environment. */
export function readConfig(config: unknown, file: string, env: NodeJS.ProcessEnv): Account[] {
  if (!isObject(config)) throw broken(file, "it must hold an object with accounts in it.");
  for (const key of Object.keys(config)) {
    if (!TOP_LEVEL.includes(key))
      throw broken(
        file,
        `${key}: there is no such setting; there are ${listed(TOP_LEVEL)}.${didYouMean(key, TOP_LEVEL)}`,
      );
  }
  const entries = config["accounts"];
  if (!Array.isArray(entries) || entries.length === 0)
    throw broken(file, "accounts: must be a list with at least one account.");
  const accounts = entries.map((entry: unknown, index) => readAccount(entry, `accounts[${index}]`, file, env));
  const seen = new Map<string, number>();
  for (const [index, { id }] of accounts.entries()) {
    const first = seen.get(id);
    if (first !== undefined)
      throw broken(
        file,
        `accounts[${index}].id: ${shown(id)} is already the id of accounts[${first}]; ids must be unique.`,
      );
    seen.set(id, index);
  }
  return accounts;
}

function readAccount(raw: unknown, path: string, file: string, env: NodeJS.ProcessEnv): Account {
  const entry = expand(raw, path, file, env);
  if (!isObject(entry)) throw broken(file, `${path}: must be an object.`);
  const provider = PROVIDERS.find((id) => id === entry["provider"]);
  if (!provider) {
    // As the file has it: what a variable holds may be a key that landed here by mistake.
    const given = isObject(raw) ? raw["provider"] : undefined;
    const what = given === undefined ? "is missing" : `${shown(given)} is not a provider`;
    throw broken(
      file,
      `${path}.provider: ${what}; there are ${listed(PROVIDERS)}.${typeof given === "string" ? didYouMean(given, PROVIDERS) : ""}`,
    );
  }
  const parsed = accountShapes[provider].safeParse(entry);
  if (!parsed.success) throw broken(file, firstIssue(parsed.error, path, accountShapes[provider]));
  const { id, name, base_url, calls_per_minute, credentials, ...rest } = parsed.data;
  const settings: Record<string, string> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (key !== "provider" && typeof value === "string") settings[key] = value;
  }
  checkUrl(settings["analytics_base_url"], `${path}.analytics_base_url`, file);
  checkSite(settings["site"], isObject(raw) ? raw["site"] : undefined, `${path}.site`, file);
  const baseUrl = checkUrl(base_url, `${path}.base_url`, file);
  return {
    id,
    provider,
    name: name ?? PROVIDER_NAMES[provider],
    ...(baseUrl ? { baseUrl } : {}),
    ...(calls_per_minute === undefined ? {} : { callsPerMinute: calls_per_minute }),
    settings,
    credentials: Object.fromEntries(Object.entries(credentials).map(([key, value]) => [key, new Secret(value)])),
  };
}

/** @param raw as the file has it: what a variable holds may be a key that landed here by mistake */
function checkSite(site: string | undefined, raw: unknown, path: string, file: string): void {
  if (site === undefined || DATADOG_SITES.some((known) => known === site)) return;
  throw broken(
    file,
    `${path}: ${shown(raw)} is not a Datadog site; there are ${listed(DATADOG_SITES)}.${didYouMean(String(raw), DATADOG_SITES)}`,
  );
}

function firstIssue(error: z.ZodError, path: string, shape: z.ZodObject): string {
  // A name misspelt is both missing and unknown; the unknown one says how.
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  if (!issue) return `${path}: is not as expected.`;
  const at = [path, ...issue.path.map(String)].join(".");
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = Object.keys(issue.path[0] === "credentials" ? credentialKeys(shape) : shape.shape);
    return `${at}.${key}: there is no such setting; there are ${listed(known)}.${didYouMean(key, known)}`;
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return `${at}: is missing.`;
  return `${at}: ${issue.message}.`;
}

function credentialKeys(shape: z.ZodObject): Record<string, unknown> {
  const credentials: unknown = shape.shape["credentials"];
  return credentials instanceof z.ZodObject ? credentials.shape : {};
}

/** " (line 3)" of the first fault, without quoting the text, which may hold a key. */
function jsonFault(text: string): string {
  try {
    parse(text);
  } catch (error) {
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    if (position) return ` (line ${text.slice(0, Number(position)).split("\n").length})`;
  }
  return "";
}
