import { pino } from "pino";
import type { Log } from "./log.ts";

/** JSON lines on stderr, written at once: what was logged before a crash is there. */
export function openStderrLog(level: string): Log {
  const log = pino({ name: "usage-mcp", level }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
  };
}
