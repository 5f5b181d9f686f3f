import { readConfig } from "../../src/accounts/config.ts";
import { Engine } from "../../src/engine/engine.ts";
import { SILENT } from "../../src/log.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { cursorCodec } from "../providers/edge.ts";

/** The engine over the simulated vendors on any day: what they had not published then, they don't tell. */
export interface SandboxClock {
  engine: Engine;
  setTo(day: string): void;
  close(): Promise<void>;
}

export async function startSandboxClock(): Promise<SandboxClock> {
  let now = 0;
  const sandbox = await startSandbox({ now: () => new Date(now) });
  const accounts = readConfig({ accounts: sandbox.accounts }, "sandbox", {});
  const engine = new Engine({ accounts, cursors: cursorCodec(), clock: () => now, log: SILENT, pace: { second: 0 } });
  return {
    engine,
    setTo: (day) => {
      now = Date.parse(day);
    },
    close: () => sandbox.close(),
  };
}
