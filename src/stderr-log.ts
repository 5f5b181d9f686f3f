import { pino } from "pino";
import type { Log } from "./log.ts";

/** Bytes of lines that wait for a reader; beyond it they are dropped. */
const MOST_WAITING = 1_048_576;

/**
 * JSON lines on stderr, written at once where they can be. A reader that is slow or gone (a stalled collector, a closed
 * pipe) holds nothing up: lines wait for it, and those beyond a megabyte are dropped and counted.
 */
export function openStderrLog(level: string): Log {
  const { stderr } = process;
  let dropped = 0;
  const log = pino(
    { name: "usage-mcp", level },
    {
      write: (line: string) => {
        if (stderr.writableLength > MOST_WAITING) dropped++;
        else stderr.write(line);
      },
    },
  );
  stderr.on("drain", () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    log.warn({ lines }, "lines were dropped: nobody read the log");
  });
  // Who serves goes on without a log.
  stderr.on("error", () => {});
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}
