import type { Secret } from "../accounts/secret.ts";

/** What is kept of the vendors' answers, and where. */
export interface CacheConfig {
  /** Memory for answers, in MiB; 0 keeps none there. */
  memoryMb: number;
  /** For how long an answer that may still change is taken without asking again; 0: not at all. */
  openSeconds: number;
  /** A folder for answers, and how much of it they may take. */
  folder?: { path: string; mb: number };
  /** The URL of a Redis server, which may hold its password. */
  redis?: Secret;
}

export const USUAL_CACHE: CacheConfig = { memoryMb: 32, openSeconds: 300 };
export const USUAL_FOLDER_MB = 1024;
