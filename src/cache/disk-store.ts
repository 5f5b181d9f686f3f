import { mkdir, open, unlink, utimes } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Log } from "../log.ts";
import { DiskSweeper, unlessGone } from "./disk-sweeper.ts";
import type { ByteStore } from "./sealed-store.ts";

/** Said of a file once an hour is often enough, to know which was least lately used. */
const USED_MS = 3_600_000;

/**
 * A file for each answer, in a subfolder by the first two digits of its name: `3f/3f0c...`. A file is written whole under another
 * name and then renamed, so that no reader finds half of one, whoever else uses the folder and whatever is killed. Its times of
 * access and change say when it was last used and from when on it may be forgotten.
 */
export class DiskStore implements ByteStore {
  readonly largest: number;
  readonly #folder: string;
  readonly #sweeper: DiskSweeper;

  /** @param bytes that all files together may take */
  constructor(folder: string, bytes: number, log: Log) {
    this.#folder = folder;
    this.largest = Math.floor(bytes / 4);
    this.#sweeper = new DiskSweeper(folder, bytes, log);
  }

  async get(name: string): Promise<Buffer | undefined> {
    const file = await open(this.#fileOf(name), "r").catch(unlessGone);
    if (!file) return undefined;
    try {
      const { atimeMs, mtime } = await file.stat();
      const bytes = await file.readFile();
      // Many disks are mounted so that reading does not count.
      if (Date.now() - atimeMs > USED_MS) await file.utimes(new Date(), mtime);
      return bytes;
    } finally {
      await file.close();
    }
  }

  async set(name: string, bytes: Buffer, seconds: number): Promise<void> {
    const file = this.#fileOf(name);
    // Whoever cleared the folder may have taken the subfolders, too.
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFileAtomic(file, bytes, { mode: 0o600, chown: false });
    const now = Date.now();
    await utimes(file, new Date(now), new Date(now + seconds * 1000)).catch(unlessGone);
    this.#sweeper.written(bytes.length);
  }

  async remove(name: string): Promise<void> {
    await unlink(this.#fileOf(name)).catch(unlessGone);
  }

  async close(): Promise<void> {
    await this.#sweeper.idle();
  }

  #fileOf(name: string): string {
    return path.join(this.#folder, name.slice(0, 2), name);
  }
}
