import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { UsageError } from "../errors.ts";
import type { Log } from "../log.ts";

/**
 * Makes the cache's folder, for its owner only, where it is missing, and tries whether it can be used.
 * @throws UsageError (configuration)
 */
export function prepareFolder(folder: string, log: Log): void {
  const mode = attempt(folder, () => {
    make(folder);
    const found = statSync(folder);
    if (!found.isDirectory()) throw Object.assign(new Error("it is a file"), { code: "ENOTDIR" });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return found.mode;
  });
  const isOpen = process.platform !== "win32" && (mode & 0o077) !== 0;
  if (isOpen) log.warn({ folder }, "others on this machine can look into the cache's folder; chmod 700 closes it");
}

/** Node's own recursion never ends below /proc, where nothing can be made though all is there. */
function make(folder: string, parentIsThere = false): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || parentIsThere) throw error;
    make(path.dirname(folder));
    make(folder, true);
  }
}

function attempt<Result>(folder: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const what = code === "ENOTDIR" ? "is not a folder, or lies below a file" : `can't be made or written (${code})`;
    throw new UsageError(
      "configuration",
      `The cache's folder ${folder} ${what}. Give a folder that this process may write to, or leave it out: cache.folder in the config, or USAGE_MCP_CACHE_FOLDER.`,
      {},
      { cause: error },
    );
  }
}
