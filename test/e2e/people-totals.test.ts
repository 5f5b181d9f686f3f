import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { startSandbox } from "../../src/sandbox/server.ts";
import { exactUnits, numeral } from "../usage/exact-sum.ts";
import { connectModern, type Host, NOW } from "./hosts.ts";

/**
 * What each person cost in October, summed here over what the vendors send, word by word of their documentation: Claude and
 * Cursor state cents, OpenAI dollars; what Cursor's plan includes is value, not bill.
 */
interface Cost {
  net: bigint;
  gross: bigint;
}
const NOBODY = "unattributed";

class Ledger {
  readonly people = new Map<string, Cost>();

  add(person: string | null | undefined, net: bigint, gross = net): void {
    // E-mails are the same in any case; ids are not.
    const key = person?.includes("@") ? person.toLowerCase() : (person ?? NOBODY);
    const known = this.people.get(key) ?? { net: 0n, gross: 0n };
    this.people.set(key, { net: known.net + net, gross: known.gross + gross });
  }

  get total(): Cost {
    const all = [...this.people.values()];
    return { net: all.reduce((sum, { net }) => sum + net, 0n), gross: all.reduce((sum, { gross }) => sum + gross, 0n) };
  }
}

const HUNDRED = 100n;
/** Cents with up to 22 decimals, in units of 10^-24 dollars. */
const cents = (value: number | string) => {
  const units = exactUnits(value);
  if (units % HUNDRED !== 0n) throw new Error(`${value} cents are finer than 10^-24 dollars`);
  return units / HUNDRED;
};

const actor = z.looseObject({ user_id: z.string(), email: z.string().nullish(), email_address: z.string().nullish() });
const claudeUsers = z.looseObject({
  data: z.array(z.looseObject({ actor, amount: z.string(), list_amount: z.string() })),
  next_page: z.string().nullable(),
});
const claudeCosts = z.looseObject({
  data: z.array(z.looseObject({ results: z.array(z.looseObject({ amount: z.string(), list_amount: z.string() })) })),
  has_more: z.literal(false),
});
const costPage = z.looseObject({
  data: z.array(
    z.looseObject({
      results: z.array(
        z.looseObject({
          user_id: z.string().nullable(),
          amount: z.looseObject({ value: z.union([z.string(), z.number()]), currency: z.literal("usd") }),
        }),
      ),
    }),
  ),
  has_more: z.literal(false),
});
const userList = z.looseObject({
  data: z.array(z.looseObject({ id: z.string(), email: z.string().nullish() })),
  has_more: z.boolean(),
  last_id: z.string().nullable(),
});
const codexPage = z.looseObject({
  data: z.array(
    z.looseObject({
      actor: z.looseObject({ user_id: z.string(), email: z.string().nullable() }).nullable(),
      totals: z.looseObject({ cost_usd: z.number().nullish() }),
    }),
  ),
  has_more: z.boolean(),
  next_page: z.string().nullish(),
});
const eventPage = z.looseObject({
  usageEvents: z.array(
    z.looseObject({
      userEmail: z.string().optional(),
      serviceAccountId: z.string().optional(),
      kind: z.string(),
      chargedCents: z.number(),
    }),
  ),
  pagination: z.looseObject({ hasNextPage: z.boolean() }),
});

const summary = z.looseObject({
  totals: z.array(z.looseObject({ currency: z.string(), net: z.number(), gross: z.number() })),
  groups: z.array(z.looseObject({ key: z.record(z.string(), z.string()), net: z.number(), gross: z.number() })),
  accounts: z.array(z.looseObject({ integrated_account_id: z.string(), status: z.string() })),
});

const START = Date.UTC(2026, 9, 1);
const END = Date.UTC(2026, 10, 1);

describe("what each person cost in October across Claude, OpenAI, Codex and Cursor, in one call", () => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let host: Host;
  beforeAll(async () => {
    sandbox = await startSandbox({ now: () => new Date(NOW) });
    host = await connectModern(["--sandbox"]);
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), host.close()]);
  });

  async function ask(account: string, path: string, headers: (key: string) => Record<string, string>, body?: unknown) {
    const found = sandbox.accounts.find(({ id }) => id === account);
    if (!found) throw new Error(`no ${account} in the sandbox`);
    const response = await fetch(`${found.base_url}${path}`, {
      headers: { ...headers(found.credentials["api_key"] ?? ""), "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    return response.json();
  }

  async function claude(ledger: Ledger): Promise<void> {
    const headers = (key: string) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" });
    const range = "starting_at=2026-10-01T00:00:00Z&ending_at=2026-11-01T00:00:00Z";
    const root = "/v1/organizations/analytics";
    const people: Cost = { net: 0n, gross: 0n };
    for (let page: string | null = ""; page !== null; ) {
      const path: string = `${root}/user_cost_report?${range}&limit=10${page ? `&page=${encodeURIComponent(page)}` : ""}`;
      const { data, next_page } = claudeUsers.parse(await ask("claude", path, headers));
      for (const { actor: who, amount, list_amount } of data) {
        ledger.add(who.email_address ?? who.email ?? who.user_id, cents(amount), cents(list_amount));
        people.net += cents(amount);
        people.gross += cents(list_amount);
      }
      page = next_page;
    }
    const { data } = claudeCosts.parse(await ask("claude", `${root}/cost_report?${range}&limit=31`, headers));
    const all = data.flatMap(({ results }) => results);
    const whole = (key: "amount" | "list_amount") => all.reduce((sum, result) => sum + cents(result[key]), 0n);
    ledger.add(undefined, whole("amount") - people.net, whole("list_amount") - people.gross);
  }

  async function openai(ledger: Ledger): Promise<void> {
    const headers = (key: string) => ({ authorization: `Bearer ${key}` });
    const emails = new Map<string, string>();
    for (let after: string | null = ""; after !== null; ) {
      const path: string = `/v1/organization/users?limit=7${after ? `&after=${after}` : ""}`;
      const page = userList.parse(await ask("openai", path, headers));
      for (const { id, email } of page.data) if (email) emails.set(id, email);
      after = page.has_more ? page.last_id : null;
    }
    const path = `/v1/organization/costs?start_time=${START / 1000}&end_time=${END / 1000}&limit=180&group_by=user_id`;
    for (const { results } of costPage.parse(await ask("openai", path, headers)).data)
      for (const { user_id, amount } of results)
        ledger.add(
          user_id === null ? null : (emails.get(user_id) ?? user_id),
          amount.value === "0E-6176" ? 0n : exactUnits(amount.value),
        );
  }

  async function codex(ledger: Ledger): Promise<void> {
    const workspace = sandbox.accounts.find(({ id }) => id === "codex")?.workspace_id;
    for (let page: string | null | undefined = ""; page !== null && page !== undefined; ) {
      const path: string = `/v1/analytics/codex/workspaces/${workspace}/usage?start_time=${START / 1000}&end_time=${END / 1000}&limit=250${page ? `&page=${encodeURIComponent(page)}` : ""}`;
      const answer = codexPage.parse(await ask("codex", path, (key) => ({ authorization: `Bearer ${key}` })));
      for (const { actor: who, totals } of answer.data)
        if (totals.cost_usd !== null && totals.cost_usd !== undefined)
          ledger.add(who && (who.email ?? who.user_id), exactUnits(totals.cost_usd));
      page = answer.has_more ? answer.next_page : null;
    }
  }

  async function cursor(ledger: Ledger): Promise<void> {
    const headers = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });
    const middle = START + 15 * 86_400_000;
    for (const [startDate, endDate] of [
      [START, middle - 1],
      [middle, END - 1],
    ]) {
      for (let page = 1, more = true; more; page++) {
        const body = { startDate, endDate, page, pageSize: 900 };
        const answer = eventPage.parse(await ask("cursor", "/teams/filtered-usage-events", headers, body));
        for (const { kind, chargedCents, userEmail, serviceAccountId } of answer.usageEvents) {
          const value = cents(chargedCents);
          const billed = kind === "Usage-based" ? value : 0n;
          ledger.add(serviceAccountId ?? userEmail, billed, value);
        }
        more = answer.pagination.hasNextPage;
      }
    }
  }

  it("is the same to the last digit, person by person", async () => {
    const ledger = new Ledger();
    for (const read of [claude, openai, codex, cursor]) await read(ledger);
    const { structured } = await host.call("get_cost_summary", {
      period: "2026-10",
      providers: ["claude", "openai_codex", "cursor"],
      group_by: ["user"],
      limit: 1000,
    });
    const { totals, groups, accounts } = summary.parse(structured);
    expect(accounts.map(({ integrated_account_id, status }) => [integrated_account_id, status])).toEqual([
      ["claude", "ok"],
      ["openai", "ok"],
      ["codex", "ok"],
      ["cursor", "ok"],
    ]);
    const dollars = (units: bigint) => Number(numeral(units));
    expect(Object.fromEntries(groups.map(({ key, net, gross }) => [key["user"], [net, gross]]))).toEqual(
      Object.fromEntries([...ledger.people].map(([who, { net, gross }]) => [who, [dollars(net), dollars(gross)]])),
    );
    expect(totals.map(({ currency, net, gross }) => [currency, net, gross])).toEqual([
      ["USD", dollars(ledger.total.net), dollars(ledger.total.gross)],
    ]);
    const shared = [...ledger.people.keys()].filter((who) => who.includes("@"));
    expect(shared.length).toBeGreaterThan(20);
  });

  it.each([
    [["provider"]],
    [["account", "model"]],
    [["user", "provider"]],
    [["product", "day"]],
    [["week", "user"]],
    [["user", "model", "surface", "month"]],
    [["charge_type"]],
    [["resource", "workspace", "organization"]],
  ])("comes to the same total by %j", async (group_by) => {
    const call = (by: string[]) =>
      host
        .call("get_cost_summary", { period: "2026-10", group_by: by, limit: 1000 })
        .then(({ structured }) => summary.parse(structured));
    const [whole, split] = [await call(["account"]), await call(group_by)];
    expect(split.totals).toMatchObject(whole.totals.map(({ currency, net, gross }) => ({ currency, net, gross })));
    expect(split.accounts.map(({ status }) => status)).toEqual(whole.accounts.map(() => "ok"));
  });
});
