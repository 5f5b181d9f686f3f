import { readdir, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../log.ts";

/** How often a folder is swept by all processes together, unless much was written. */
const EVERY_MS = 600_000;
/** So much of the bound may be written by a process until it sweeps; that much room a sweep makes. */
const SHARE = 0.05;
/** Clocks of machines that share a folder differ; nothing is written for so long. */
const GRACE_MS = 3_600_000;
/** Files looked at together: enough to be quick, few enough that answers are read meanwhile. */
const AT_A_TIME = 16;
const BLOCK = 4_096;
/** Its time of change says when the folder was last swept. */
const MARK = "swept";

/** Only what was written here is ever removed, whatever else lies in the folder. */
const SUBFOLDER = /^[0-9a-f]{2}$/;
const ANSWER = /^[0-9a-f]{64}$/;
/** What a process leaves behind that is killed while it writes. */
const LEFT_OVER = /^[0-9a-f]{64}\.\d+$/;

interface Kept {
  file: string;
  bytes: number;
  usedAt: number;
}

/** Keeps a folder of answers below its bound: rarely, and never while an answer waits for it. */
export class DiskSweeper {
  readonly #folder: string;
  readonly #bytes: number;
  readonly #log: Log;
  #written = 0;
  #next = 0;
  #sweeping: Promise<void> | undefined;

  constructor(folder: string, bytes: number, log: Log) {
    this.#folder = folder;
    this.#bytes = bytes;
    this.#log = log;
  }

  /** Some bytes were written: time to sweep, perhaps. */
  written(bytes: number): void {
    this.#written += bytes;
    if (this.#sweeping || (!this.#isMuch() && Date.now() < this.#next)) return;
    this.#sweeping = this.#sweepWhileDue()
      .catch((error: unknown) => {
        const code = error instanceof Error && "code" in error ? error.code : "unknown";
        this.#log.warn({ folder: this.#folder, error: code }, "the cache's folder could not be swept");
      })
      .finally(() => {
        this.#sweeping = undefined;
      });
  }

  /** Resolves when nothing is swept any more. */
  async idle(): Promise<void> {
    await this.#sweeping;
  }

  #isMuch(): boolean {
    return this.#written > this.#bytes * SHARE;
  }

  async #sweepWhileDue(): Promise<void> {
    const mark = path.join(this.#folder, MARK);
    do {
      const isMuch = this.#isMuch();
      this.#written = 0;
      this.#next = Date.now() + EVERY_MS;
      const last = await stat(mark).catch(unlessGone);
      if (!isMuch && last && Date.now() - last.mtimeMs < EVERY_MS) return;
      await writeFile(mark, "", { mode: 0o600 });
      const { bytes, removed } = await sweep(this.#folder, this.#bytes * (1 - SHARE), Date.now());
      this.#log.debug({ folder: this.#folder, bytes, removed }, "the cache's folder was swept");
      // Others wrote meanwhile.
    } while (this.#isMuch());
  }
}

/** Removes what may be forgotten and what killed processes left; then, above the bound, what was used least lately. */
export async function sweep(folder: string, bound: number, now: number): Promise<{ bytes: number; removed: number }> {
  const kept: Kept[] = [];
  let removed = 0;
  for (const subfolder of await readdir(folder)) {
    if (!SUBFOLDER.test(subfolder)) continue;
    const names = await readdir(path.join(folder, subfolder)).catch(unlessGone);
    const files = (names ?? []).filter((name) => ANSWER.test(name) || LEFT_OVER.test(name));
    for (let index = 0; index < files.length; index += AT_A_TIME) {
      await Promise.all(
        files.slice(index, index + AT_A_TIME).map(async (name) => {
          const file = path.join(folder, subfolder, name);
          const found = await stat(file).catch(unlessGone);
          if (!found) return;
          if (found.mtimeMs < now - GRACE_MS) {
            await unlink(file).catch(unlessGone);
            removed++;
          } else if (ANSWER.test(name)) {
            kept.push({ file, bytes: Math.ceil(found.size / BLOCK) * BLOCK, usedAt: found.atimeMs });
          }
        }),
      );
    }
  }
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes > bound) kept.sort((one, other) => one.usedAt - other.usedAt);
  for (const one of kept) {
    if (bytes <= bound) break;
    await unlink(one.file).catch(unlessGone);
    bytes -= one.bytes;
    removed++;
  }
  return { bytes, removed };
}

/** A file that is not there is no fault: another process removed it, or nobody ever wrote it. */
export function unlessGone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
