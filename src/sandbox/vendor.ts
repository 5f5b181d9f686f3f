import type { IncomingHttpHeaders } from "node:http";

/** What a simulated vendor sees of a request. */
export interface SandboxRequest {
  readonly method: string;
  /** With the host as the client addressed it: links to further pages must lead back to it. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Unique among the server's requests: a number, so that a run can be repeated. */
  readonly number: number;
  readonly now: Date;
}

export interface SandboxResponse {
  readonly status: number;
  /** Besides `content-type`, which is JSON unless given here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body: unknown;
}

/** An account as a config file has it. */
export interface SandboxAccount {
  readonly id: string;
  readonly provider: string;
  readonly name: string;
  readonly base_url: string;
  readonly credentials: Readonly<Record<string, string>>;
  /** Where an OpenAI account's workspace analytics are. */
  readonly analytics_base_url?: string;
  readonly workspace_id?: string;
  readonly organization_id?: string;
}

/** One vendor: its account, and its answers as its API would give them. */
export interface SimulatedVendor {
  readonly provider: string;
  account(baseUrl: string): SandboxAccount;
  handle(request: SandboxRequest): SandboxResponse;
}

/**
 * Dollars for a JSON number from whole micro-dollars: the double nearest to the six decimals, which is written with
 * just those decimals.
 */
export function dollars(micros: number): number {
  return micros / 1_000_000;
}
