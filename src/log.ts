/** What the parts need of a log. The real one writes JSON lines to stderr; it is loaded only when a level is set. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

const LEVELS = ["debug", "info", "warn", "error"];

/** @param level debug, info, warn or error; anything else is silent. stdout is never written to: it is the protocol's. */
export async function openLog(level: string | undefined): Promise<Log> {
  if (level === undefined || !LEVELS.includes(level)) return SILENT;
  return (await import("./stderr-log.ts")).openStderrLog(level);
}
