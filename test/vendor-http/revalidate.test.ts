import { describe, expect, it } from "vitest";
import { AnswerCache } from "../../src/cache/answer-cache.ts";
import { MemoryStore } from "../../src/cache/memory-store.ts";
import { SILENT } from "../../src/log.ts";
import { VendorHttp } from "../../src/vendor-http/client.ts";
import type { VendorRequest } from "../../src/vendor-http/connection.ts";
import { connectTo, endServersAfterwards, json, type Reply, refusalOf, startLoopback, text } from "./loopback.ts";

endServersAfterwards();

const SKILLS: VendorRequest = {
  method: "GET",
  path: "/analytics/team/skills",
  query: [["startDate", "2026-11-01"]],
};
const MINUTE = 60_000;

const tagged = json({ data: [{ skill_name: "deploy" }] }, 200, { etag: '"v1"' });
const unchanged: Reply = text("", 304, { etag: '"v1"' });

/** A client that keeps answers for five minutes, and its clock. */
function keeping(url: string) {
  let now = Date.UTC(2026, 10, 23, 9);
  const clock = () => now;
  const cache = new AnswerCache([new MemoryStore(1 << 20)], clock, { openSeconds: 300 });
  const http = new VendorHttp(SILENT, { clock, cache, pace: { second: 1 } });
  const connection = connectTo(url, "cursor");
  const ask = async (request = SKILLS, fresh = false) => {
    const answer = await http.ask(connection, request, { signal: new AbortController().signal }, { fresh });
    http.keep(answer, {});
    return answer;
  };
  return { ask, later: (minutes: number) => (now += minutes * MINUTE), clock };
}

describe("an answer with an ETag that is no longer good", () => {
  it("is asked about by it, and taken again, as of now, when nothing has changed", async () => {
    const vendor = await startLoopback(tagged, unchanged);
    const { ask, later, clock } = keeping(vendor.url);
    const first = await ask();
    later(6);
    const second = await ask();
    expect(vendor.asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, '"v1"']);
    expect(second).toMatchObject({ status: 200, body: first.body, at: clock() });
    expect(second.at).toBe(first.at + 6 * MINUTE);
    // It is good for another while.
    later(4);
    expect((await ask()).body).toEqual(first.body);
    expect(vendor.asked).toHaveLength(2);
    later(2);
    await ask();
    expect(vendor.asked[2]?.headers["if-none-match"]).toBe('"v1"');
  });

  it("is replaced when something has", async () => {
    const vendor = await startLoopback(tagged, json({ data: [] }, 200, { etag: '"v2"' }), unchanged);
    const { ask, later } = keeping(vendor.url);
    await ask();
    later(6);
    expect((await ask()).body).toEqual({ data: [] });
    later(6);
    await ask();
    expect(vendor.asked[2]?.headers["if-none-match"]).toBe('"v2"');
  });

  it("is asked about for a fresh answer, too", async () => {
    const vendor = await startLoopback(tagged, unchanged);
    const { ask } = keeping(vendor.url);
    const first = await ask();
    expect((await ask(SKILLS, true)).body).toEqual(first.body);
    expect(vendor.asked[1]?.headers["if-none-match"]).toBe('"v1"');
  });

  it("of an endpoint that is not documented to know ETags is fetched whole", async () => {
    const vendor = await startLoopback(json({ teamMembers: [] }, 200, { etag: '"v1"' }));
    const { ask, later } = keeping(vendor.url);
    const members: VendorRequest = { method: "GET", path: "/teams/members" };
    await ask(members);
    later(6);
    await ask(members);
    expect(vendor.asked.map(({ headers }) => headers["if-none-match"])).toEqual([undefined, undefined]);
  });
});

describe("'not modified' that nobody asked for", () => {
  it("is an error", async () => {
    const vendor = await startLoopback(unchanged);
    const { ask } = keeping(vendor.url);
    const error = await refusalOf(ask());
    expect(error).toMatchObject({ kind: "unavailable", details: { status: 304, integrated_account_id: "my-cursor" } });
    expect(error.message).toMatch(/GET \/analytics\/team\/skills was refused: HTTP 304\. .*proxy/);
  });

  it("heals when the next try brings the answer", async () => {
    const vendor = await startLoopback(unchanged, tagged);
    const { ask } = keeping(vendor.url);
    expect((await ask()).status).toBe(200);
  });
});
