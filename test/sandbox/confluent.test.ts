import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { type Cost, costs, credentials, get, micros, start, sum } from "./vendors.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await start();
});
afterAll(() => sandbox.close());

const COSTS = "/billing/v1/costs";

function ofDay(lines: readonly Cost[], day: string): Cost[] {
  return lines.filter(({ start_date }) => start_date.startsWith(day));
}

function net(lines: readonly Cost[]): bigint {
  return sum(lines.map(({ amount }) => micros(amount)));
}

/** 0 is Sunday. */
function weekday({ start_date }: Cost): number {
  return new Date(`${start_date.slice(0, 10)}T00:00:00Z`).getUTCDay();
}

describe("the simulated Confluent Cloud's cost lines", () => {
  it("are the same however they are paged, and the same of every start", async () => {
    const whole = await costs(sandbox, "2026-10-12", "2026-10-19", "1000");
    expect(whole.length).toBeGreaterThan(7 * 40);
    expect(await costs(sandbox, "2026-10-12", "2026-10-19", "77")).toEqual(whole);
    const other = await start();
    expect(await costs(other, "2026-10-12", "2026-10-19", "1000")).toEqual(whole);
    await other.close();
  });

  it("don't depend on the range that they were asked with", async () => {
    const week = await costs(sandbox, "2026-10-12", "2026-10-19");
    expect(await costs(sandbox, "2026-10-14", "2026-10-15")).toEqual(ofDay(week, "2026-10-14"));
  });

  it("of a page of less than all lead on by a token that holds its dates to them", async () => {
    const query = { start_date: "2026-10-12", end_date: "2026-10-19", page_size: "5" };
    const { text } = await get(sandbox, "confluent", COSTS, query);
    const next = new URL(/"next":"([^"]+)"/.exec(text)?.[1] ?? "");
    expect([...next.searchParams.keys()]).toEqual(["page_token"]);
    const page_token = next.searchParams.get("page_token") ?? "";
    const { status } = await get(sandbox, "confluent", COSTS, { ...query, end_date: "2026-10-18", page_token });
    expect(status).toBe(400);
  });

  it("keep original - discount = amount, to the micro-dollar", async () => {
    const lines = await costs(sandbox, "2026-10-01", "2026-11-01");
    const off = lines.filter(
      ({ original_amount, discount_amount = 0, amount }) =>
        micros(original_amount) - micros(discount_amount) !== micros(amount),
    );
    expect(off).toEqual([]);
    expect(lines.filter(({ discount_amount = 0 }) => discount_amount > 0).length).toBeGreaterThan(31);
  });

  it("are of one day each, within the range, start included and end not", async () => {
    const lines = await costs(sandbox, "2026-09-29", "2026-10-02");
    expect([...new Set(lines.map(({ start_date }) => start_date.slice(0, 10)))]).toEqual([
      "2026-09-29",
      "2026-09-30",
      "2026-10-01",
    ]);
    for (const { start_date, end_date } of lines) {
      const [from, to] = [start_date, end_date].map((text) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`));
      expect(Number(to) - Number(from)).toBe(86_400_000);
    }
  });

  it("come with what the vendor's own have that trips readers: no id, a date with a time, a credit, a free line", async () => {
    const lines = await costs(sandbox, "2026-10-01", "2026-11-01");
    expect(lines.some(({ id }) => id === undefined)).toBe(true);
    expect(
      lines.filter(({ start_date }) => start_date.endsWith(" 00:00:00")).map(({ line_type }) => line_type),
    ).toEqual(Array.from({ length: 31 }, () => "SUPPORT"));
    expect(lines.filter(({ line_type }) => line_type === "PROMO_CREDIT").map(({ amount }) => amount < 0)).toEqual([
      true,
    ]);
    expect(lines.some(({ amount, original_amount }) => amount === 0 && original_amount > 0)).toBe(true);
  });

  it("are missing for the last 72 hours, and come when those have passed", async () => {
    const days = async (of: Sandbox) =>
      [...new Set((await costs(of, "2026-11-16", "2026-12-01")).map(({ start_date }) => start_date.slice(0, 10)))].at(
        -1,
      );
    expect(await days(sandbox)).toBe("2026-11-20");
    const dayLater = await start("2026-11-24T00:00:00Z");
    expect(await days(dayLater)).toBe("2026-11-21");
    await dayLater.close();
  });

  it("are lower at weekends where people work, and the same where capacity is bought", async () => {
    const lines = await costs(sandbox, "2026-09-01", "2026-10-01");
    const mean = (lineType: string, days: readonly number[]) => {
      const chosen = lines.filter((line) => line.line_type === lineType && days.includes(weekday(line)));
      return Number(net(chosen)) / chosen.length;
    };
    const [weekend, week] = [
      [0, 6],
      [1, 2, 3, 4, 5],
    ] as const;
    expect(mean("KAFKA_NETWORK_WRITE", weekend)).toBeLessThan(0.75 * mean("KAFKA_NETWORK_WRITE", week));
    expect(mean("KAFKA_NUM_CKUS", weekend)).toBe(mean("KAFKA_NUM_CKUS", week));
  });

  it("show the incident of 13 to 15 October 2026", async () => {
    const lines = await costs(sandbox, "2026-10-05", "2026-10-24");
    const read = (day: string) => net(ofDay(lines, day).filter(({ line_type }) => line_type === "KAFKA_NETWORK_READ"));
    const usual = ["2026-10-06", "2026-10-07", "2026-10-08", "2026-10-20", "2026-10-21", "2026-10-22"].map(read);
    const isAbove = (day: string, factor: bigint) => usual.every((other) => 2n * read(day) > factor * other);
    for (const day of ["2026-10-13", "2026-10-14", "2026-10-15"]) expect(isAbove(day, 4n)).toBe(true);
    for (const day of ["2026-10-12", "2026-10-16"]) expect(isAbove(day, 3n)).toBe(false);
  });
});

describe("the simulated Confluent Cloud refuses", () => {
  const filter = (detail: string, parameter: string) => ({
    errors: [
      {
        id: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        status: "400",
        code: "invalid_filter",
        title: "Invalid Filter",
        detail: expect.stringContaining(detail),
        source: { parameter },
      },
    ],
  });

  it.each([
    ["32 days", "2026-09-30", "2026-11-01", "end date and start date are too far apart", "end_date"],
    ["no days", "2026-10-01", "2026-10-01", "start date must be before end date", "start_date"],
    ["days in the wrong order", "2026-10-02", "2026-10-01", "start date must be before end date", "start_date"],
    ["more than a year back", "2025-11-22", "2025-11-30", "start date is too far in the past", "start_date"],
    ["a month as start_date", "2026-10", "2026-10-03", "start_date", "start_date"],
    ["a day that doesn't exist", "2026-10-01", "2026-10-32", "end_date", "end_date"],
    ["no start_date", "", "2026-10-03", "start_date is required", "start_date"],
  ])("%s", async (_, start_date, end_date, detail, parameter) => {
    const { status, body } = await get(sandbox, "confluent", COSTS, { start_date, end_date });
    expect({ status, body }).toEqual({ status: 400, body: filter(detail, parameter) });
  });

  it.each([
    ["31 days", "2026-10-01", "2026-11-01"],
    ["exactly a year back", "2025-11-23", "2025-11-30"],
    ["an end that lies ahead", "2026-11-01", "2026-12-01"],
  ])("not %s", async (_, start_date, end_date) => {
    expect((await get(sandbox, "confluent", COSTS, { start_date, end_date })).status).toBe(200);
  });

  it.each(["0", "10001", "-1", "many", "1.5"])("a page_size of %s", async (page_size) => {
    const query = { start_date: "2026-10-01", end_date: "2026-10-02", page_size };
    const { status, body } = await get(sandbox, "confluent", COSTS, query);
    expect({ status, body }).toEqual({ status: 400, body: filter("page_size", "page_size") });
  });

  it.each([
    ["no key", () => ({})],
    ["another key", () => ({ authorization: `Basic ${Buffer.from("a:b").toString("base64")}` })],
    ["Datadog's keys", () => credentials(sandbox, "datadog")],
  ])("%s", async (_, headers) => {
    const query = { start_date: "2026-10-01", end_date: "2026-10-02" };
    const answered = await get(sandbox, "confluent", COSTS, query, { ...headers() });
    expect(answered.status).toBe(401);
    expect(answered.headers["www-authenticate"]).toContain('Basic error="invalid_key"');
    expect(answered.body).toMatchObject({
      errors: [
        {
          status: "401",
          code: "user_unauthenticated",
          title: "Authentication Required",
          detail: "Valid authentication credentials must be provided",
        },
      ],
    });
  });

  it("what it doesn't have", async () => {
    const { status, body } = await get(sandbox, "confluent", "/billing/v2/costs");
    expect(status).toBe(404);
    expect(body).toMatchObject({ errors: [{ status: "404" }] });
  });

  it("with a request id and the rate limit in relative seconds, as it answers", async () => {
    for (const query of [{}, { start_date: "2026-10-01", end_date: "2026-10-02" }]) {
      const { headers } = await get(sandbox, "confluent", COSTS, query);
      expect(headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
      expect(Number(headers["x-ratelimit-reset"])).toBeLessThanOrEqual(60);
      expect(Number(headers["x-ratelimit-remaining"])).toBeLessThan(Number(headers["x-ratelimit-limit"]));
    }
  });
});
