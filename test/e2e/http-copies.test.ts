import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltServer, startBuilt } from "../fronts/http/server.ts";
import { page } from "./answers.ts";
import { type Balancer, roundRobin } from "./balancer.ts";
import { configOver, type Estate, startEstate } from "./estate.ts";
import { type Host, REMOTE_HOSTS } from "./hosts.ts";

const TOKEN = "a-token-for-agents";
const SECRET = { USAGE_MCP_CURSOR_SECRET: "shared-by-the-copies" };

let estate: Estate;
let config: string;
beforeAll(async () => {
  estate = await startEstate();
  config = configOver(estate, { [TOKEN]: ["*"] });
});
afterAll(() => estate.close());

function startCopies(environments: readonly Record<string, string>[]): Promise<BuiltServer[]> {
  return Promise.all(environments.map((env) => startBuilt(["--config", config], env)));
}

function stopAll(copies: readonly BuiltServer[]): Promise<unknown> {
  return Promise.all(copies.map((copy) => copy.stop()));
}

interface Collected {
  ids: string[];
  pages: number;
}

/** Follows a listing's cursors to their end, as an agent would. @param turn done behind each page but the last */
async function collect(
  host: Host,
  args: Record<string, unknown>,
  turn: (pages: number) => Promise<void> = async () => {},
): Promise<Collected> {
  const ids: string[] = [];
  let cursor: string | null = null;
  for (let pages = 1; ; pages++) {
    const { text, isError, structured } = await host.call("list_usage", cursor === null ? args : { ...args, cursor });
    expect(isError, text).toBe(false);
    const read = page.parse(structured);
    ids.push(...read.result.map(({ id }) => id));
    cursor = read.next_cursor;
    if (cursor === null) return { ids, pages };
    expect(read.result_count).toBeGreaterThan(0);
    await turn(pages);
  }
}

/** Paged by the vendor, sorted by us, summed by us: cursors of every kind. */
const LISTINGS = [
  { days: 4, integrated_account_id: "confluent", limit: 20 },
  { days: 4, integrated_account_id: "confluent", sort_by: "net", sort_order: "desc", limit: 25 },
  { days: 1, integrated_account_id: "cursor", report_type: "usage", limit: 15 },
  { days: 7, integrated_account_id: "claude", report_type: "user_usage", limit: 10 },
  { days: 3, integrated_account_id: "openai", report_type: "cost", limit: 10 },
  { days: 28, integrated_account_id: "datadog", limit: 5 },
];

describe("two copies behind a round-robin", () => {
  let copies: BuiltServer[];
  beforeAll(async () => {
    copies = await startCopies([SECRET, SECRET]);
  });
  afterAll(() => stopAll(copies));

  describe.each(REMOTE_HOSTS)("$era", ({ connect }) => {
    let balancer: Balancer;
    let both: Host;
    let one: Host;
    beforeAll(async () => {
      const urls = copies.map(({ url }) => url);
      balancer = roundRobin(urls);
      both = await connect({ url: "http://balancer", token: TOKEN, fetch: balancer.fetch });
      one = await connect({ url: urls[0] ?? "", token: TOKEN });
    });
    afterAll(() => Promise.all([both.close(), one.close()]));

    it.each(LISTINGS)(
      "a cursor chain over both gives what one gives, each row once: %o",
      async ({ days, ...listing }) => {
        const args = { ...estate.settledDays(days), ...listing };
        const before = [...balancer.sent];
        const { ids, pages } = await collect(both, args);
        expect(pages).toBeGreaterThan(2);
        expect(new Set(ids).size).toBe(ids.length);
        // Pages in turn: each cursor but the last is followed on the copy that did not give it.
        const asked = balancer.sent.map((sent, copy) => sent - (before[copy] ?? 0));
        expect(Math.abs((asked[0] ?? 0) - (asked[1] ?? 0))).toBeLessThanOrEqual(1);
        expect((await collect(one, { ...args, limit: 1000 })).ids).toEqual(ids);
      },
    );
  });
});

describe.each(REMOTE_HOSTS)("a restart in the middle of a listing, $era", ({ connect }) => {
  it.each([
    { how: "a shared secret", env: SECRET },
    { how: "none: then the keys are made of the accounts' credentials", env: {} },
  ])("loses no row, with $how", async ({ env }) => {
    const copies = await startCopies([env, env]);
    const balancer = roundRobin(copies.map(({ url }) => url));
    const host = await connect({ url: "http://balancer", token: TOKEN, fetch: balancer.fetch });
    const args = { ...estate.settledDays(4), integrated_account_id: "confluent", limit: 20 };
    const undisturbed = await collect(host, args);
    const disturbed = await collect(host, args, async (pages) => {
      if (pages > 2) return;
      const index = pages - 1;
      expect(await copies[index]?.stop()).toBe(0);
      const [restarted] = await startCopies([env]);
      if (!restarted) throw new Error("no copy was started");
      copies[index] = restarted;
      balancer.replace(index, restarted.url);
    });
    expect(disturbed).toEqual(undisturbed);
    expect(undisturbed.pages).toBeGreaterThan(4);
    await host.close();
    await stopAll(copies);
  });
});

describe.each(REMOTE_HOSTS)("copies with different secrets, $era", ({ connect }) => {
  it("refuse each other's cursors and say so; each goes on with its own", async () => {
    const copies = await startCopies([SECRET, { USAGE_MCP_CURSOR_SECRET: "another" }]);
    const hosts = await Promise.all(copies.map(({ url }) => connect({ url, token: TOKEN })));
    const args = { ...estate.settledDays(4), integrated_account_id: "confluent", limit: 3 };
    const cursors = await Promise.all(
      hosts.map(async (host) => page.parse((await host.call("list_usage", args)).structured).next_cursor),
    );
    for (const [index, host] of hosts.entries()) {
      const own = await host.call("list_usage", { ...args, cursor: cursors[index] });
      expect(own.isError, own.text).toBe(false);
      const foreign = await host.call("list_usage", { ...args, cursor: cursors[1 - index] });
      expect(foreign.isError).toBe(true);
      expect(foreign.text).toMatch(/^cursor: it is damaged, or was given for another account or by another server\./);
      expect(foreign.text).toMatch(/leave it out to start again/);
    }
    await Promise.all(hosts.map((host) => host.close()));
    await stopAll(copies);
  });
});
