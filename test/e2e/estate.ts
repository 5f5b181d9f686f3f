import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { sha256, writeConfig } from "../fronts/http/server.ts";

/** Simulated vendors that outlive the copies of the server that ask them. */
export interface Estate {
  accounts: Sandbox["accounts"];
  /**
   * The first days of the month before the last, counted from today, since the server that is tested has the real clock:
   * recent enough to be offered, old enough that no vendor still adds to it.
   */
  settledDays(days: number): { start_date: string; end_date: string };
  close(): Promise<void>;
}

export async function startEstate(): Promise<Estate> {
  const began = new Date();
  const sandbox = await startSandbox({ now: () => began });
  const day = (number: number) =>
    new Date(Date.UTC(began.getUTCFullYear(), began.getUTCMonth() - 2, number)).toISOString().slice(0, 10);
  return {
    accounts: sandbox.accounts,
    settledDays: (days) => ({ start_date: day(1), end_date: day(1 + days) }),
    close: () => sandbox.close(),
  };
}

/** Far above what a test asks: how much one caller may ask is shown elsewhere. */
const LIMITS = { concurrent_calls: 1000, requests_per_token: 100_000, requests_per_account: 100_000 };

/** A config file over an estate. @param tokens account ids by token; the token's name is the token */
export function configOver({ accounts }: Estate, tokens: Record<string, readonly string[]>): string {
  const written = Object.entries(tokens).map(([token, allowed]) => ({
    name: `name of ${token}`,
    sha256: sha256(token),
    accounts: allowed,
  }));
  return writeConfig({ accounts, http: { tokens: written, limits: LIMITS } });
}
