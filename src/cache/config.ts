/** What is kept of the vendors' answers, and where. */
export interface CacheConfig {
  /** Memory for answers, in MiB; 0 keeps none there. */
  memoryMb: number;
  /** For how long an answer that may still change is taken without asking again; 0: not at all. */
  openSeconds: number;
}

export const USUAL_CACHE: CacheConfig = { memoryMb: 64, openSeconds: 300 };
