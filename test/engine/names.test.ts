import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { Names } from "../../src/engine/names.ts";
import { UsageError } from "../../src/errors.ts";
import { SILENT } from "../../src/log.ts";
import { confluent } from "../../src/providers/confluent/adapter.ts";
import type { Adapter, Lookup, Question } from "../../src/providers/provider.ts";
import { VendorHttp } from "../../src/vendor-http/client.ts";
import type { Connection, VendorAnswer, VendorRequest } from "../../src/vendor-http/connection.ts";
import { wontWait } from "../../src/vendor-http/failure.ts";
import { CONFLUENT_ACCOUNT, NOW } from "../providers/edge.ts";

const [account] = readConfig({ accounts: [CONFLUENT_ACCOUNT] }, "test", {});
if (!account) throw new Error("there is one account");

const question: Question = {
  account,
  report: "cost",
  period: { start: 0, end: 1 },
  dates: {},
  now: NOW,
  filters: {},
  remoteQuery: [],
};
const connection = confluent.connect(account, NOW);

/** A vendor that answers paths with lists, and counts what it is asked. */
class Answers extends VendorHttp {
  readonly asked: string[] = [];
  readonly #bodies: Readonly<Record<string, unknown>>;

  constructor(bodies: Readonly<Record<string, unknown>>) {
    super(SILENT);
    this.#bodies = bodies;
  }

  override async ask(_connection: Connection, request: VendorRequest): Promise<VendorAnswer> {
    this.asked.push(request.path);
    const body = this.#bodies[request.path];
    if (body === undefined) throw new UsageError("credentials", `no ${request.path} for you`);
    return {
      url: request.path,
      method: "GET",
      status: 200,
      headers: {},
      body,
      raw: Buffer.alloc(0),
      at: NOW,
      settled: false,
      kept: false,
    };
  }
}

const get = (path: string): VendorRequest => ({ method: "GET", path });

/** Projects, and the keys of each: `{id: name}`. */
const lookup: Lookup = {
  requests: () => [get("/projects"), get("/users")],
  further: ({ path }, { body }) =>
    path === "/projects" ? Object.keys(Object(body)).map((id) => get(`/${id}/keys`)) : [],
  read: (_request, { body }) => Object.entries(Object(body)).map(([id, name]) => [id, { name: String(name) }] as const),
};
const adapter: Adapter = { ...confluent, lookup, request: () => get("/"), read: () => ({ entries: [] }) };

describe("names that a vendor keeps apart", () => {
  const signal = new AbortController().signal;

  it("are followed from list to list, and asked once an hour", async () => {
    let now = NOW;
    const names = new Names(SILENT, () => now);
    const http = new Answers({
      "/projects": { p1: "One", p2: "Two" },
      "/users": { u: "Uma" },
      "/p1/keys": { k: "Key" },
      "/p2/keys": {},
    });
    const found = await names.of({ http, signal }, adapter, question, connection);
    expect([...found].map(([id, { name }]) => `${id}=${name}`).sort()).toEqual(["k=Key", "p1=One", "p2=Two", "u=Uma"]);
    expect(http.asked.sort()).toEqual(["/p1/keys", "/p2/keys", "/projects", "/users"]);
    await names.of({ http, signal }, adapter, question, connection);
    expect(http.asked).toHaveLength(4);
    now += 3_600_001;
    await names.of({ http, signal }, adapter, question, connection);
    expect(http.asked).toHaveLength(8);
  });

  it("that can't be had leave the others, and are tried again before the hour is over", async () => {
    let now = NOW;
    const names = new Names(SILENT, () => now);
    const http = new Answers({ "/projects": { p1: "One" }, "/p1/keys": { k: "Key" } });
    const found = await names.of({ http, signal }, adapter, question, connection);
    expect([...found.keys()].sort()).toEqual(["k", "p1"]);
    now += 300_001;
    await names.of({ http, signal }, adapter, question, connection);
    expect(http.asked.filter((path) => path === "/users")).toHaveLength(2);
  });

  it("of one account are never those of another that is asked the same", async () => {
    const names = new Names(SILENT, () => NOW);
    const of = (id: string, name: string) => {
      const http = new Answers({ "/projects": { p1: name }, "/users": {}, "/p1/keys": {} });
      const asked = { ...question, account: { ...account, id } };
      return names.of({ http, signal }, adapter, asked, confluent.connect(asked.account, NOW));
    };
    const found = await Promise.all([of("prod", "One"), of("Prod", "Two")]);
    expect(found.map((directory) => directory.get("p1")?.name)).toEqual(["One", "Two"]);
    expect((await of("prod", "Three")).get("p1")?.name).toBe("One");
  });

  it("are asked again by who waits for them when who asked first goes away", async () => {
    const names = new Names(SILENT, () => NOW);
    const http = new Answers({ "/projects": { p1: "One" }, "/users": {}, "/p1/keys": { k: "Key" } });
    const first = new AbortController();
    const given = names.of({ http, signal: first.signal }, adapter, question, connection);
    const waiting = names.of({ http, signal }, adapter, question, connection);
    first.abort();
    expect([...(await given).keys()]).toEqual(["p1"]);
    expect([...(await waiting).keys()]).toEqual(["p1", "k"]);
    expect([...(await names.of({ http, signal }, adapter, question, connection)).keys()]).toEqual(["p1", "k"]);
  });

  it("that are throttled are asked again when their vendor is ready, by whoever has the time", async () => {
    let now = NOW;
    let isThrottled = true;
    class Throttling extends Answers {
      override async ask(to: Connection, request: VendorRequest): Promise<VendorAnswer> {
        if (isThrottled && request.path === "/users") throw wontWait(to, { seconds: 40, reason: "a limit" }, 5);
        return super.ask(to, request);
      }
    }
    const names = new Names(SILENT, () => now);
    const http = new Throttling({ "/projects": { p1: "One" }, "/users": { u: "Una" }, "/p1/keys": {} });
    expect([...(await names.of({ http, signal }, adapter, question, connection)).keys()]).toEqual(["p1"]);
    isThrottled = false;
    now += 39_000;
    expect([...(await names.of({ http, signal }, adapter, question, connection)).keys()]).toEqual(["p1"]);
    now += 1_001;
    expect((await names.of({ http, signal }, adapter, question, connection)).get("u")?.name).toBe("Una");
  });

  it("that another call fetches are not waited for beyond one's own time", async () => {
    const names = new Names(SILENT, () => NOW);
    const http = new Answers({ "/projects": { p1: "One" }, "/users": {}, "/p1/keys": {} });
    let letGo = () => {};
    const stuck = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const ask = http.ask.bind(http);
    http.ask = async (...args) => {
      await stuck;
      return ask(...args);
    };
    const slow = names.of({ http, signal }, adapter, question, connection);
    const mine = new AbortController();
    const waiting = names.of({ http, signal: mine.signal }, adapter, question, connection);
    const late = names.of({ http, signal: AbortSignal.abort() }, adapter, question, connection);
    mine.abort();
    expect([(await waiting).size, (await late).size]).toEqual([0, 0]);
    letGo();
    expect([...(await slow).keys()]).toEqual(["p1"]);
    expect([...(await names.of({ http, signal }, adapter, question, connection)).keys()]).toEqual(["p1"]);
    expect(http.asked).toHaveLength(3);
  });

  it("that lead in a circle are asked once", async () => {
    const names = new Names(SILENT, () => NOW);
    const http = new Answers({ "/projects": { p1: "One" }, "/users": {}, "/p1/keys": {} });
    const circle: Lookup = { ...lookup, further: () => [get("/projects"), get("/users")] };
    await names.of({ http, signal }, { ...adapter, lookup: circle }, question, connection);
    expect(http.asked.sort()).toEqual(["/projects", "/users"]);
  });
});
