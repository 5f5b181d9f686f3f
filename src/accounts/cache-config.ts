import path from "node:path";
import * as z from "zod";
import { type CacheConfig, USUAL_CACHE, USUAL_FOLDER_MB } from "../cache/config.ts";
import { didYouMean, listed } from "../suggest.ts";
import { broken, expand, isObject } from "./config-values.ts";
import { Secret } from "./secret.ts";

const mebibytes = z.int("must be a whole number").max(1_048_576, "must be 1048576 (1 TiB) at most");

const shape = z.strictObject({
  memory_mb: mebibytes.nonnegative("must not be below 0").optional(),
  open_seconds: z
    .number("must be a number")
    .nonnegative("must not be below 0")
    .max(86_400, "must be 86400 (a day) at most")
    .optional(),
  folder: z.string("must be a text").optional(),
  folder_mb: mebibytes.min(16, "must be 16 at least").optional(),
  redis_url: z.string("must be a text").optional(),
});

const NOTHING: CacheConfig = { memoryMb: 0, openSeconds: 0 };

/**
 * Checks the config's `cache` section: what is kept of the vendors' answers, and where; `false` keeps nothing. Without a section,
 * USAGE_MCP_CACHE_FOLDER and USAGE_MCP_REDIS_URL say where, beside memory.
 * @throws UsageError (configuration)
 */
export function readCacheConfig(section: unknown, file: string, env: NodeJS.ProcessEnv): CacheConfig {
  if (section === false) return NOTHING;
  if (section === undefined) return cacheFromEnvironment(env);
  const given = expand(section, "cache", file, env);
  if (!isObject(given)) throw broken(file, "cache: must be an object, or false.");
  const parsed = shape.safeParse(given);
  if (!parsed.success) throw broken(file, firstFault(parsed.error));
  const { memory_mb, open_seconds, folder, folder_mb, redis_url } = parsed.data;
  if (folder === undefined && folder_mb !== undefined)
    throw broken(file, "cache.folder_mb: there is no folder to which it could apply; set cache.folder.");
  return {
    memoryMb: memory_mb ?? USUAL_CACHE.memoryMb,
    openSeconds: open_seconds ?? USUAL_CACHE.openSeconds,
    ...(folder === undefined ? {} : { folder: folderOf(folder, folder_mb, file) }),
    ...(redis_url === undefined ? {} : { redis: redisOf(redis_url, file) }),
  };
}

function cacheFromEnvironment(env: NodeJS.ProcessEnv): CacheConfig {
  const { USAGE_MCP_CACHE_FOLDER: folder, USAGE_MCP_REDIS_URL: url } = env;
  return {
    ...USUAL_CACHE,
    ...(folder ? { folder: folderOf(folder, undefined, "from the environment (USAGE_MCP_CACHE_FOLDER)") } : {}),
    ...(url ? { redis: redisOf(url, "from the environment (USAGE_MCP_REDIS_URL)") } : {}),
  };
}

function folderOf(folder: string, mb = USUAL_FOLDER_MB, file: string): { path: string; mb: number } {
  // Hosts start a server wherever they like: a relative one would be another folder each time.
  if (!path.isAbsolute(folder)) throw broken(file, "cache.folder: must be an absolute path.");
  return { path: path.normalize(folder), mb };
}

/** Nothing of it is quoted: it may hold a password. */
function redisOf(text: string, file: string): Secret {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "" || !isDecodable(url))
    throw broken(
      file,
      "cache.redis_url: is not a Redis URL; use redis://host:6379 or rediss://user:password@host:6379/0, with what is special in a password percent-encoded.",
    );
  if (!/^(?:\/\d*)?$/.test(url.pathname) || url.search || url.hash)
    throw broken(file, "cache.redis_url: must hold nothing behind the host but the number of a database.");
  return new Secret(text);
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function firstFault(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return "cache: is not as expected.";
  const at = ["cache", ...issue.path.map(String)].join(".");
  if (issue.code !== "unrecognized_keys") return `${at}: ${issue.message}.`;
  const key = issue.keys[0] ?? "";
  const known = Object.keys(shape.shape);
  return `${at}.${key}: there is no such setting; there are ${listed(known)}.${didYouMean(key, known)}`;
}
