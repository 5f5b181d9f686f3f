import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { SILENT } from "../../src/log.ts";
import { AccountQueue } from "../../src/vendor-http/account-queue.ts";
import { VendorHttp } from "../../src/vendor-http/client.ts";
import type { VendorAnswer, VendorRequest } from "../../src/vendor-http/connection.ts";
import type { VendorCall, Wait } from "../../src/vendor-http/vendor-call.ts";
import { FixedWindow, type LimitingVendor, SlidingWindow, startLimitingVendor } from "./limiting-vendor.ts";
import { connectTo, endServersAfterwards, json, refusalOf, startLoopback } from "./loopback.ts";

endServersAfterwards();

/** A vendor's second here, in milliseconds. */
const SECOND = 10;
const MINUTE = 60 * SECOND;
/** Where no minute is waited for, but what is said of it is looked at: a busy machine must not make a difference. */
const LONG_SECOND = 100;

/** A request of Cursor's Admin API, 20 of which a minute takes; each another, so that none is shared. */
function members(number: number): VendorRequest {
  return { method: "GET", path: "/teams/members", query: [["n", String(number)]] };
}

/** The numbers of the requests, as they arrived. */
function numbersAsked({ asked }: LimitingVendor): number[] {
  return asked.map(({ url }) => Number(url.split("=")[1]));
}

function eventsRequest(number: number): VendorRequest {
  return { method: "POST", path: "/teams/filtered-usage-events", body: { number } };
}

/** A client of one account at a vendor. */
class Client {
  readonly #http: VendorHttp;
  readonly #url: string;

  constructor({ url }: { url: string }, second = SECOND) {
    this.#http = new VendorHttp(SILENT, { pace: { second } });
    this.#url = url;
  }

  ask(request: VendorRequest, call: Partial<VendorCall> = {}): Promise<VendorAnswer> {
    return this.#http.ask(connectTo(this.#url, "cursor"), request, { signal: new AbortController().signal, ...call });
  }
}

/** Takes 20 calls of the Admin API in any minute. */
function adminVendor(minute = MINUTE): Promise<LimitingVendor> {
  return startLimitingVendor({ counter: new SlidingWindow(20, minute), answer: () => ({ teamMembers: [] }) });
}

/** Uses up the minute's calls. */
async function exhausted(vendor: LimitingVendor, second = SECOND): Promise<Client> {
  const client = new Client(vendor, second);
  await Promise.all(Array.from({ length: 20 }, (_, index) => client.ask(members(index))));
  return client;
}

describe("callers at the same time", () => {
  it("take turns, however many calls each of them has waiting", async () => {
    const vendor = await adminVendor();
    const client = await exhausted(vendor);
    const [many, few] = [{ caller: {} }, { caller: {} }];
    await Promise.all([
      ...Array.from({ length: 14 }, (_, index) => client.ask(members(100 + index), many)),
      ...Array.from({ length: 6 }, (_, index) => client.ask(members(200 + index), few)),
    ]);
    expect(vendor.refused).toBe(0);
    const order = numbersAsked(vendor).slice(20);
    // Two are on their way at once, so neighbours may arrive the other way round.
    for (let place = 2; place <= 12; place += 2) {
      const ofFew = order.slice(0, place).filter((number) => number >= 200).length;
      expect(Math.abs(ofFew - place / 2), order.join(" ")).toBeLessThanOrEqual(2);
    }
    expect(order.slice(15).every((number) => number < 200)).toBe(true);
  });

  it("are both served in the order of their coming", async () => {
    const vendor = await startLimitingVendor({ counter: new SlidingWindow(20, MINUTE), answer: () => ({}) });
    const client = await exhausted(vendor);
    const caller = {};
    await Promise.all(Array.from({ length: 10 }, (_, index) => client.ask(members(100 + index), { caller })));
    const numbers = numbersAsked(vendor).slice(20);
    expect(numbers).toHaveLength(10);
    for (const [place, number] of numbers.entries()) expect(Math.abs(number - 100 - place)).toBeLessThanOrEqual(2);
  });

  it("don't wait for a budget that is not theirs", async () => {
    const vendor = await startLimitingVendor(
      { counter: new SlidingWindow(20, MINUTE), answer: () => ({}) },
      (path) => path === "/teams/members",
    );
    const client = await exhausted(vendor);
    const waiting = client.ask(members(20));
    const started = performance.now();
    await client.ask(eventsRequest(1));
    expect(performance.now() - started).toBeLessThan(MINUTE / 2);
    await waiting;
    expect(vendor.refused).toBe(0);
  });
});

describe("a call that has to wait", () => {
  it("says for what and how long, again every few seconds, less each time", async () => {
    const client = await exhausted(await adminVendor(2 * MINUTE), 2 * SECOND);
    const waits: Wait[] = [];
    await client.ask(members(20), { waiting: (wait) => waits.push(wait) });
    expect(waits.length).toBeGreaterThanOrEqual(3);
    expect(waits[0]?.seconds).toBeGreaterThan(20);
    expect(waits[0]?.seconds).toBeLessThanOrEqual(60);
    expect(waits.map(({ seconds }) => seconds)).toEqual(waits.map(({ seconds }) => seconds).sort((a, b) => b - a));
    expect(new Set(waits.map(({ reason }) => reason))).toEqual(
      new Set(["Cursor's limit for its Admin API (20 calls a minute)"]),
    );
  });

  it("counts those that come before it in what it says", async () => {
    const client = await exhausted(await adminVendor(), LONG_SECOND);
    const abort = new AbortController();
    const call = { caller: {}, signal: abort.signal };
    const ahead = Array.from({ length: 20 }, (_, index) => refusalOf(client.ask(members(20 + index), call)));
    const said: number[] = [];
    const last = refusalOf(client.ask(members(99), { ...call, waiting: ({ seconds }) => said.push(seconds) }));
    await new Promise((resolve) => setTimeout(resolve, LONG_SECOND));
    abort.abort();
    for (const error of await Promise.all([...ahead, last])) expect(error.kind).toBe("cancelled");
    // A minute for those twenty, and another one for itself.
    expect(said[0]).toBeGreaterThan(90);
    expect(said[0]).toBeLessThanOrEqual(120);
  });

  it("is given up at once where its time won't do, and asks nothing", async () => {
    const vendor = await adminVendor();
    const client = await exhausted(vendor, LONG_SECOND);
    const error = await refusalOf(client.ask(members(20), { deadline: performance.now() + 20 * LONG_SECOND }));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(
      /^cursor account 'my-cursor': it would take (\d+) s of waiting for Cursor's limit for its Admin API \(20 calls a minute\), and this call has 1\d s left\. Ask again in \1 s, or for a shorter period\.$/,
    );
    expect(error.details.retry_after).toBeGreaterThan(30);
    expect(vendor.calls).toBe(20);
  });

  it("asks nothing when its time was over before", async () => {
    const vendor = await startLoopback(json({}));
    const error = await refusalOf(new Client(vendor).ask(members(1), { deadline: performance.now() }));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(/^cursor account 'my-cursor': .*no time left/);
    expect(vendor.asked).toEqual([]);
  });

  it("is out of the way at once when it is called off", async () => {
    const vendor = await adminVendor();
    const client = await exhausted(vendor);
    const abort = new AbortController();
    const calls = [20, 21, 22].map((number) => refusalOf(client.ask(members(number), { signal: abort.signal })));
    await new Promise((resolve) => setTimeout(resolve, 5 * SECOND));
    abort.abort();
    expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(["cancelled", "cancelled", "cancelled"]);
    await Promise.all([23, 24, 25, 26].map((number) => client.ask(members(number))));
    expect(numbersAsked(vendor).slice(20).sort()).toEqual([23, 24, 25, 26]);
    expect(vendor.refused).toBe(0);
  });

  it("leaves no timer behind when it is called off", async () => {
    const queue = new AccountQueue(1000);
    const connection = connectTo("http://127.0.0.1:9", "cursor");
    for (let number = 0; number < 20; number++) {
      const turn = await queue.turn(connection, members(number), { signal: new AbortController().signal });
      turn.done(200);
    }
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    const abort = new AbortController();
    const waiting = [20, 21].map((number) =>
      refusalOf(queue.turn(connection, members(number), { signal: abort.signal })),
    );
    expect(timers()).toBeGreaterThan(before);
    abort.abort();
    expect(timers()).toBe(before);
    for (const error of await Promise.all(waiting)) expect(error.kind).toBe("cancelled");
  });
});

describe("somebody else with the same key", () => {
  it("who takes half of the budget costs few refusals, and no call is lost", async () => {
    const counter = new FixedWindow(60, MINUTE);
    const vendor = await startLimitingVendor({ counter, answer: () => ({}) });
    // Thirty a minute, evenly.
    const foreign = setInterval(() => counter.admits(performance.now()), 2 * SECOND);
    const client = new Client(vendor);
    const calls = 240;
    const started = performance.now();
    try {
      const answers = await Promise.all(Array.from({ length: calls }, (_, index) => client.ask(eventsRequest(index))));
      expect(answers).toHaveLength(calls);
    } finally {
      clearInterval(foreign);
    }
    const minutes = (performance.now() - started) / MINUTE;
    const best = calls / 30 - 1;
    console.log(
      `with half of the budget: ${vendor.calls} calls, ${vendor.refused} refused, ${(minutes / best).toFixed(2)} of the best time`,
    );
    expect(new Set(vendor.seen.map((body) => Number(Object(body)["number"]))).size).toBe(calls);
    expect(vendor.refused).toBeLessThanOrEqual(calls * 0.05);
    expect(minutes / best).toBeLessThanOrEqual(2);
  });
});

describe("a vendor that wants to be left alone", () => {
  const throttled = (seconds: string) =>
    json({ error: "Too Many Requests", message: "Slow down" }, 429, {
      "retry-after": seconds,
      "x-request-id": "req-1",
    });

  it("is asked by nobody of the account meanwhile", async () => {
    const vendor = await startLoopback(throttled("30"), json({}));
    const client = new Client(vendor);
    const calls = [0, 1, 2, 3].map((number) => client.ask(members(number)));
    await Promise.all(calls);
    const [first, second, ...others] = vendor.asked.map(({ at }) => at);
    if (first === undefined || second === undefined) throw new Error("nothing was asked");
    // One was on its way already.
    const after = others.map((at) => at - first);
    expect(second - first).toBeLessThan(30 * SECOND);
    for (const wait of after) expect(wait).toBeGreaterThanOrEqual(30 * SECOND);
  });

  it("for longer than anybody has patience is not waited for: the error says how long, to who comes later, too", async () => {
    const vendor = await startLoopback(throttled("600"));
    const client = new Client(vendor);
    const first = await refusalOf(client.ask(members(0)));
    expect(first.details).toMatchObject({ status: 429, request_id: "req-1", retry_after: 600 });
    const second = await refusalOf(client.ask(members(1)));
    expect(second).toBeInstanceOf(UsageError);
    expect(second.message).toMatch(/it would take (?:600|59\d) s of waiting for Cursor's limit/);
    expect(vendor.asked).toHaveLength(1);
  });

  it("and says not how long, is asked again when its minute is surely over", async () => {
    const vendor = await startLoopback(json({ error: "Too Many Requests" }, 429), json({}));
    await new Client(vendor).ask(members(0));
    const [first, second] = vendor.asked.map(({ at }) => at);
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(MINUTE);
    expect((second ?? 0) - (first ?? 0)).toBeLessThan(MINUTE + 20 * SECOND);
  });
});

describe("a vendor's own count", () => {
  it("of what is left is kept to, and what it publishes replaces what was thought", async () => {
    // Thirty in twenty seconds, in stretches of its own, and told as whole seconds, rounded down.
    const counter = new FixedWindow(30, 20 * SECOND, 7 * SECOND);
    const vendor = await startLimitingVendor({
      counter,
      answer: () => ({ data: [] }),
      headers: (now) => ({
        "x-ratelimit-limit": "30",
        "x-ratelimit-period": "20",
        "x-ratelimit-remaining": String(counter.remaining),
        "x-ratelimit-reset": String(Math.floor(counter.reset(now) / SECOND)),
      }),
    });
    const http = new VendorHttp(SILENT, { pace: { second: SECOND } });
    const connection = connectTo(vendor.url, "datadog");
    const signal = new AbortController().signal;
    const started = performance.now();
    await Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        http.ask(connection, { method: "GET", path: `/api/v2/usage/${index}` }, { signal }),
      ),
    );
    const seconds = (performance.now() - started) / SECOND;
    expect(vendor.refused).toBe(0);
    // 30 at once, 30 after 7 s, and 30 after each 20 s: the documented 10 in 30 s would take 420 s.
    console.log(`150 calls, 30 in 20 s: ${seconds.toFixed(0)} s where 67 s are the best`);
    expect(seconds).toBeLessThan(300);
  });
});
