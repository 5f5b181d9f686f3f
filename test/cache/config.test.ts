import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readCacheConfig } from "../../src/accounts/cache-config.ts";
import { readConfigFile } from "../../src/accounts/config.ts";
import { USUAL_CACHE } from "../../src/cache/config.ts";
import { prepareFolder } from "../../src/cache/folder.ts";
import { UsageError } from "../../src/errors.ts";
import { openEngine } from "../../src/open.ts";
import { CONFLUENT_ACCOUNT } from "../providers/edge.ts";
import { emptyFolder, listen } from "./keeping.ts";

const PASSWORD = "s3cret-of-redis";
/** How a config names an environment variable. */
const variable = (name: string) => `$\{${name}}`;

/** What is said of a section that can't be taken. */
function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.kind).toBe("configuration");
    expect(inspect(error, { depth: 20 })).not.toContain(PASSWORD);
    return error.message;
  }
  throw new Error("it should have been refused");
}

describe("a config's cache", () => {
  it("is a little memory where nothing is said", () => {
    expect(readCacheConfig(undefined, "", {})).toEqual(USUAL_CACHE);
    expect(readCacheConfig({}, "f", { USAGE_MCP_CACHE_FOLDER: "/elsewhere" })).toEqual(USUAL_CACHE);
  });

  it("is nothing where it is false", () => {
    expect(readCacheConfig(false, "f", {})).toEqual({ memoryMb: 0, openSeconds: 0 });
  });

  it("is what it says", () => {
    const section = {
      memory_mb: 0,
      open_seconds: 60.5,
      folder: variable("DIR"),
      folder_mb: 16,
      redis_url: variable("REDIS_URL"),
    };
    const url = `rediss://me:${PASSWORD}@redis.example:6380/2`;
    const read = readCacheConfig(section, "f", { DIR: "/var/cache/usage-mcp/", REDIS_URL: url });
    expect(read).toMatchObject({ memoryMb: 0, openSeconds: 60.5, folder: { path: "/var/cache/usage-mcp/", mb: 16 } });
    expect(read.redis?.reveal()).toBe(url);
    expect(inspect(read, { depth: 20, showHidden: true })).not.toContain(PASSWORD);
  });

  it("is in the examples as it may be", () => {
    const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    const { cache } = JSON.parse(read("deploy/config.example.json"));
    expect(readCacheConfig(cache, "f", {})).toEqual({ memoryMb: 128, openSeconds: 300 });
    for (const page of ["README.md", "docs/running.md"]) {
      const [example = ""] = /\{ "memory_mb": 32, [^\n]*"\$\{REDIS_URL\}" \}/.exec(read(page)) ?? [];
      const env = { REDIS_URL: "redis://127.0.0.1" };
      const usual = { ...USUAL_CACHE, folder: { path: "/var/cache/usage-mcp", mb: 1024 } };
      expect(readCacheConfig(JSON.parse(example), page, env), page).toMatchObject(usual);
    }
  });

  it("comes from the environment where the config says nothing of it", () => {
    const env = { USAGE_MCP_CACHE_FOLDER: "/var/cache/usage-mcp", USAGE_MCP_REDIS_URL: "redis://127.0.0.1" };
    expect(readCacheConfig(undefined, "", env)).toMatchObject({
      ...USUAL_CACHE,
      folder: { path: "/var/cache/usage-mcp", mb: 1024 },
    });
    expect(readCacheConfig(undefined, "", env).redis?.reveal()).toBe("redis://127.0.0.1");
    expect(readCacheConfig(undefined, "", { USAGE_MCP_CACHE_FOLDER: "", USAGE_MCP_REDIS_URL: "" })).toEqual(
      USUAL_CACHE,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ["true", true, /^Config f: cache: must be an object, or false\.$/],
    ["null", null, /^Config f: cache: must be an object, or false\.$/],
    ["a list", [], /cache: must be an object/],
    [
      "a misspelt key",
      { memory: 64 },
      /cache\.memory: there is no such setting; there are memory_mb, .*Did you mean 'memory_mb'\?$/,
    ],
    ["half a mebibyte", { memory_mb: 0.5 }, /cache\.memory_mb: must be a whole number\.$/],
    ["a size as a text", { memory_mb: "64" }, /cache\.memory_mb: must be a whole number\.$/],
    ["less than nothing", { memory_mb: -1 }, /cache\.memory_mb: must not be below 0\.$/],
    ["more memory than there is", { memory_mb: 1e9 }, /cache\.memory_mb: must be 1048576 \(1 TiB\) at most\.$/],
    ["time that runs backwards", { open_seconds: -1 }, /cache\.open_seconds: must not be below 0\.$/],
    ["more than a day", { open_seconds: 86_401 }, /cache\.open_seconds: must be 86400 \(a day\) at most\.$/],
    ["a folder that is relative", { folder: "cache" }, /cache\.folder: must be an absolute path\.$/],
    ["an empty folder", { folder: "" }, /cache\.folder: must be an absolute path\.$/],
    ["a folder that is none", { folder: 5 }, /cache\.folder: must be a text\.$/],
    ["a folder too small", { folder: "/a", folder_mb: 1 }, /cache\.folder_mb: must be 16 at least\.$/],
    ["a size without a folder", { folder_mb: 64 }, /cache\.folder_mb: there is no folder .*set cache\.folder\.$/],
    [
      "a variable that is not set",
      { redis_url: variable("R") },
      /cache\.redis_url: the environment variable R is not set\.$/,
    ],
  ])("is refused: %s", (_, section, words) => {
    expect(faultOf(() => readCacheConfig(section, "f", {}))).toMatch(words);
  });

  it.each([
    ["no URL", PASSWORD],
    ["another scheme", `http://:${PASSWORD}@redis.example`],
    ["a scheme misspelt", `redi://:${PASSWORD}@redis.example`],
    ["no host", `redis:${PASSWORD}`],
    ["a slash in the password", `redis://:${PASSWORD}/x@redis.example`],
    ["a hash in the password", `redis://:${PASSWORD}#x@redis.example`],
    ["a percent sign in the password", `redis://:${PASSWORD}%zz@redis.example`],
    ["a database that is no number", `redis://:${PASSWORD}@redis.example/main`],
    ["a query", `redis://redis.example/0?password=${PASSWORD}`],
  ])("is refused without being quoted: a redis_url with %s", (_, url) => {
    expect(faultOf(() => readCacheConfig({ redis_url: url }, "f", {}))).toMatch(/^Config f: cache\.redis_url: /);
    expect(faultOf(() => readCacheConfig(undefined, "", { USAGE_MCP_REDIS_URL: url }))).toMatch(
      /^Config from the environment \(USAGE_MCP_REDIS_URL\): cache\.redis_url: /,
    );
  });

  it("is a section of the config file", () => {
    const file = path.join(emptyFolder(), "config.json");
    writeFileSync(file, JSON.stringify({ accounts: [CONFLUENT_ACCOUNT], cache: { memory_mb: 8 } }));
    expect(readConfigFile(file, {}).cache).toEqual({ memory_mb: 8 });
  });
});

describe("the cache's folder", () => {
  it("is made at the start, for its owner only", async () => {
    const folder = path.join(emptyFolder(), "deep", "cache");
    const file = path.join(emptyFolder(), "config.json");
    writeFileSync(file, JSON.stringify({ accounts: [CONFLUENT_ACCOUNT], cache: { folder } }));
    const told = listen();
    const { close } = await openEngine({ config: file }, {}, told.log);
    await close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(told.lines).toEqual([]);
  });

  it("is refused where it is a file, or below one", async () => {
    const file = path.join(emptyFolder(), "file");
    writeFileSync(file, "");
    for (const folder of [file, path.join(file, "cache")]) {
      expect(faultOf(() => prepareFolder(folder, listen().log))).toMatch(
        new RegExp(`^The cache's folder ${folder} is not a folder, or lies below a file\\. Give a folder`),
      );
    }
    await expect(
      openEngine({}, { CURSOR_API_KEY: "k", USAGE_MCP_CACHE_FOLDER: file }, listen().log),
    ).rejects.toMatchObject({ kind: "configuration" });
  });

  it("is refused where nothing can be written", () => {
    expect(faultOf(() => prepareFolder("/proc/usage-mcp", listen().log))).toMatch(
      /can't be made or written \(E[A-Z]+\)/,
    );
  });

  it("is warned of when others can look into it", () => {
    const folder = path.join(emptyFolder(), "open");
    mkdirSync(folder, { mode: 0o755 });
    const told = listen();
    prepareFolder(folder, told.log);
    expect(told.of("warn")).toEqual([expect.stringContaining("chmod 700")]);
  });
});
