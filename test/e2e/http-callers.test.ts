import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type BuiltServer, startBuilt } from "../fronts/http/server.ts";
import { accountList, page } from "./answers.ts";
import { roundRobin } from "./balancer.ts";
import { configOver, type Estate, startEstate } from "./estate.ts";
import { type Host, REMOTE_HOSTS } from "./hosts.ts";

const FINANCE = "a-token-for-finance";
const ENGINEERING = "a-token-for-engineering";
/** By token, in the config's order. */
const ACCOUNTS: Record<string, string[]> = {
  [FINANCE]: ["confluent", "datadog"],
  [ENGINEERING]: ["claude", "openai", "cursor"],
};
const SECRET = { USAGE_MCP_CURSOR_SECRET: "shared-by-the-copies" };

const described = z.looseObject({ providers: z.array(z.looseObject({ integrated_account_ids: z.array(z.string()) })) });
const summary = z.looseObject({
  groups: z.array(z.looseObject({ key: z.record(z.string(), z.string()) })),
  accounts: z.array(z.looseObject({ integrated_account_id: z.string(), status: z.string() })),
});

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate();
});
afterAll(() => estate.close());

describe.each(REMOTE_HOSTS)("two callers of disjoint accounts, $era", ({ connect }) => {
  let server: BuiltServer;
  let finance: Host;
  let engineering: Host;
  beforeAll(async () => {
    server = await startBuilt(["--config", configOver(estate, ACCOUNTS)], SECRET);
    [finance, engineering] = await Promise.all([
      connect({ url: server.url, token: FINANCE }),
      connect({ url: server.url, token: ENGINEERING }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([finance.close(), engineering.close()]);
    await server.stop();
  });

  const callers = () => [
    { host: finance, own: ACCOUNTS[FINANCE] ?? [], foreign: "claude" },
    { host: engineering, own: ACCOUNTS[ENGINEERING] ?? [], foreign: "confluent" },
  ];

  it("see their own accounts in lists, descriptions and summaries, and no others", async () => {
    for (const { host, own } of callers()) {
      const { accounts } = accountList.parse((await host.call("list_accounts", {})).structured);
      expect(accounts.map((account) => account.integrated_account_id)).toEqual(own);
      const { providers } = described.parse((await host.call("describe_supported_params", {})).structured);
      expect(providers.flatMap(({ integrated_account_ids }) => integrated_account_ids).sort()).toEqual(own.toSorted());
      const dates = estate.settledDays(3);
      const cost = summary.parse((await host.call("get_cost_summary", { ...dates, group_by: ["account"] })).structured);
      expect(cost.accounts.map((account) => account.integrated_account_id)).toEqual(own);
      for (const { key } of cost.groups) expect(own).toContain(key["account"]);
    }
  });

  it("are told of a foreign account what they are told of one that there isn't", async () => {
    for (const { host, own, foreign } of callers()) {
      for (const [tool, parameter] of [
        ["list_usage", "integrated_account_id"],
        ["describe_supported_params", "integrated_account_id"],
        ["get_cost_summary", "integrated_account_ids"],
      ] as const) {
        const naming = async (id: string) => {
          const value = parameter === "integrated_account_ids" ? [id] : id;
          const answer = await host.call(tool, { [parameter]: value });
          expect(answer.isError, answer.text).toBe(true);
          return answer.text.replaceAll(`'${id}'`, "'it'");
        };
        const told = await naming(foreign);
        expect(told).toBe(await naming("zzzzzz"));
        expect(told).toContain(`${parameter}: there is no account 'it'`);
        expect(told).toContain(`; there are ${own.join(", ")}.`);
      }
    }
  });

  it("can't use each other's cursors, neither for the account they are of nor for their own", async () => {
    const args = { ...estate.settledDays(3), limit: 3 };
    const question = { ...args, integrated_account_id: "confluent" };
    const { next_cursor: cursor } = page.parse((await finance.call("list_usage", question)).structured);
    expect(cursor).not.toBeNull();
    const same = await engineering.call("list_usage", { ...question, cursor });
    expect(same.text).toMatch(/^integrated_account_id: there is no account 'confluent'/);
    const own = await engineering.call("list_usage", { ...args, integrated_account_id: "claude", cursor });
    expect(own.text).toMatch(/^cursor: it is damaged, or was given for another account/);
    expect([same.isError, own.isError]).toEqual([true, true]);
  });
});

describe.each(REMOTE_HOSTS)("a token that is revoked, $era", ({ connect }) => {
  it("is refused as HTTP says, so that the client knows what to mend; others go on", async () => {
    const before = await startBuilt(["--config", configOver(estate, ACCOUNTS)]);
    const balancer = roundRobin([before.url]);
    const remote = (token: string) => ({ url: "http://balancer", token, fetch: balancer.fetch });
    const [finance, engineering] = [await connect(remote(FINANCE)), await connect(remote(ENGINEERING))];
    await finance.call("list_accounts", {});
    await before.stop();
    const after = await startBuilt(["--config", configOver(estate, { [ENGINEERING]: ["claude"] })]);
    balancer.replace(0, after.url);
    for (const refused of [() => finance.call("list_accounts", {}), () => connect(remote(FINANCE))])
      expect(statusOf(await refused().catch((error: unknown) => error))).toBe(401);
    const { accounts } = accountList.parse((await engineering.call("list_accounts", {})).structured);
    expect(accounts.map((account) => account.integrated_account_id)).toEqual(["claude"]);
    await Promise.all([finance.close(), engineering.close()]);
    await after.stop();
  });
});

/** The 1.x client names it `code`, the 2.x client `status`. */
function statusOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ("status" in error) return error.status;
  return "code" in error ? error.code : error;
}

describe("many callers at once", () => {
  let copies: BuiltServer[];
  let hosts: { host: Host; accounts: string[] }[];
  beforeAll(async () => {
    const config = configOver(estate, ACCOUNTS);
    copies = await Promise.all([1, 2].map(() => startBuilt(["--config", config], SECRET)));
    const urls = copies.map(({ url }) => url);
    hosts = await Promise.all(
      REMOTE_HOSTS.flatMap(({ connect }) =>
        Object.entries(ACCOUNTS).map(async ([token, accounts]) => ({
          host: await connect({ url: "http://balancer", token, fetch: roundRobin(urls).fetch }),
          accounts,
        })),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(hosts.map(({ host }) => host.close()));
    await Promise.all(copies.map((copy) => copy.stop()));
  });

  it("200 calls over both clients, two tokens and two copies are each answered with what was asked", async () => {
    const dates = estate.settledDays(3);
    const rows = async (host: Host, integrated_account_id: string, limit: number) => {
      const answer = await host.call("list_usage", { ...dates, integrated_account_id, limit });
      expect(answer.isError, answer.text).toBe(false);
      return page.parse(answer.structured);
    };
    const MOST = 12;
    const known = new Map<string, string[]>();
    for (const { host, accounts } of hosts)
      for (const account of accounts)
        known.set(
          account,
          (await rows(host, account, MOST)).result.map(({ id }) => id),
        );
    expect(new Set([...known.values()].flat()).size).toBe(MOST * known.size);

    const questions = Array.from({ length: 200 }, (_, number) => {
      const { host, accounts } = hosts[number % hosts.length] ?? { accounts: [] };
      const turn = Math.floor(number / hosts.length);
      return { host, account: accounts[turn % accounts.length] ?? "", limit: 1 + (turn % MOST) };
    });
    const answers = await Promise.all(
      questions.map(async ({ host, account, limit }) => {
        if (!host) throw new Error("no host");
        const { result, integrated_account_id } = await rows(host, account, limit);
        return { account: integrated_account_id, ids: result.map(({ id }) => id) };
      }),
    );
    expect(answers).toEqual(
      questions.map(({ account, limit }) => ({ account, ids: known.get(account)?.slice(0, limit) })),
    );
  });
});
