import type { Sandbox } from "../../../src/sandbox/server.ts";

type SandboxAccount = Sandbox["accounts"][number];

export interface Asked {
  headers: Record<string, string>;
  /** Sent as JSON by POST. */
  body?: unknown;
}

/** Plain HTTP to the simulated vendors, each question once. What they answer is taken as it comes. */
export class Vendors {
  readonly #accounts: readonly SandboxAccount[];
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(accounts: readonly SandboxAccount[]) {
    this.#accounts = accounts;
  }

  account(id: string): SandboxAccount {
    const found = this.#accounts.find((account) => account.id === id);
    if (!found) throw new Error(`no account ${id}`);
    return found;
  }

  credential(id: string, name: string): string {
    return this.account(id).credentials[name] ?? "";
  }

  ask(id: string, path: string, { headers, body }: Asked): Promise<unknown> {
    const question = JSON.stringify([id, path, body]);
    const known = this.#answers.get(question);
    if (known) return known;
    const answer = fetchJson(`${this.account(id).base_url}${path}`, {
      headers: { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    this.#answers.set(question, answer);
    return answer;
  }
}

async function fetchJson(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** The calendar months that a range of days touches, each cut to the range. */
export function monthsOf(start: string, end: string): { start: string; end: string }[] {
  const months: { start: string; end: string }[] = [];
  for (let from = start; from < end; ) {
    const next = new Date(Date.UTC(Number(from.slice(0, 4)), Number(from.slice(5, 7)), 1)).toISOString().slice(0, 10);
    months.push({ start: from, end: next < end ? next : end });
    from = next;
  }
  return months;
}
