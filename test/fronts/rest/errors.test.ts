import { describe, expect, it } from "vitest";
import { badParameter, type ErrorKind, UsageError } from "../../../src/errors.ts";
import { restError } from "../../../src/fronts/rest/errors.ts";
import { brokenOff, closedPort, endServersAfterwards, reset, SECRETS, secretsIn } from "../../vendor-http/loopback.ts";
import { type Answer, ask } from "./ask.ts";
import { endServicesAfterwards, startService } from "./service.ts";
import { startConfluent } from "./vendors.ts";

endServersAfterwards();
endServicesAfterwards();

function refusing(status: number, detail: string, headers: Record<string, string> = {}): Response {
  const body = { errors: [{ status: String(status), detail, echoed: SECRETS.confluent.api_secret }] };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "x-request-id": "vendor-request-7", ...headers },
  });
}

/** The answer to a question whose vendor does this. */
async function answerTo(vendor: () => Response): Promise<Answer> {
  const { account } = await startConfluent(vendor);
  const { usage } = await startService([account]);
  return ask(usage, { start_date: "2026-11-01" });
}

/** Of every error, whatever it is. */
function expectEnvelope({ status, headers, body }: Answer, error: string): void {
  expect(body).toMatchObject({ statusCode: status, error, request_id: headers.get("x-request-id") });
  expect(String(body["message"]).length).toBeGreaterThan(20);
  expect(secretsIn(JSON.stringify(body))).toEqual([]);
}

const remote = {
  truto_is_remote_error: true,
  truto_error_insight: { remote_error: { description: expect.any(String), value: expect.any(Object) } },
};

describe("a vendor's refusal is passed on, as the vendor's", () => {
  it.concurrent.each([
    [400, "Bad Request"],
    [401, "Unauthorized"],
    [403, "Forbidden"],
    [404, "Not Found"],
    [409, "Conflict"],
    [422, "Unprocessable Entity"],
  ])("%i", async (status, error) => {
    const answer = await answerTo(() => refusing(status, "not you"));
    expect(answer.status).toBe(status);
    expectEnvelope(answer, error);
    expect(answer.body).toMatchObject({
      ...remote,
      message: expect.stringMatching(/HTTP \d+, "not you".*request id vendor-request-7/),
      raw_response: { errors: [{ status: String(status), detail: "not you", echoed: "[secret]" }] },
    });
    expect(answer.body["truto_error_insight"]).toMatchObject({
      remote_error: { value: { provider: "confluent", status, message: "not you", request_id: "vendor-request-7" } },
    });
    expect(answer.headers.get("retry-after")).toBeNull();
    expect(answer.headers.get("www-authenticate"), "that is for our own token").toBeNull();
  });

  it("403 with an insight of its own, without scopes that nobody named", async () => {
    const { body } = await answerTo(() => refusing(403, "no"));
    expect(Object(body["truto_error_insight"])["forbidden_error"]).toEqual({
      description: expect.any(String),
      value: {},
    });
  });

  it.concurrent.each([
    [402, 400, "the question's fault, as far as we know"],
    [301, 500, "the configuration sends us elsewhere, and no repetition mends that"],
  ])("%i is %i: %s", async (sent, status) => {
    const answer = await answerTo(() => refusing(sent, "elsewhere"));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ ...remote, raw_response: { errors: [{ status: String(sent) }] } });
  });
});

describe("a vendor that throttles", () => {
  it.concurrent.each([
    [{ "retry-after": "90" }, "90"],
    [{ "retry-after": "33.2" }, "34"],
    [{ "x-ratelimit-reset": "45" }, "45"],
    [{ "retry-after": "1e300" }, "86400"],
    [{ "retry-after": "9999999999999999999999" }, "86400"],
  ])("is 429 with whole seconds: %o", async (headers, expected) => {
    const answer = await answerTo(() => refusing(429, "slow down", { ...headers }));
    expect(answer.status).toBe(429);
    expectEnvelope(answer, "Too Many Requests");
    expect(answer.headers.get("retry-after")).toBe(expected);
    expect(answer.body).toMatchObject({
      ...remote,
      truto_error_insight: {
        rate_limit_error: { description: expect.any(String), value: { retry_after: Number(expected) } },
      },
    });
  });

  it.concurrent.each([
    ["nothing", {}, "60"],
    ["zero", { "retry-after": "0" }, "1"],
  ])(
    "and says %s of when is 429 with at least a second, after retries",
    { timeout: 30_000 },
    async (_what, headers, expected) => {
      const answer = await answerTo(() => refusing(429, "slow down", { ...headers }));
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, expected]);
    },
  );
});

describe("a vendor that can't answer is 502 after retries, which clients repeat", () => {
  const vendors: [string, () => Promise<Record<string, unknown>>][] = [
    ["500", async () => (await startConfluent(() => refusing(500, "oops"))).account],
    [
      "503 that says when",
      async () => (await startConfluent(() => refusing(503, "later", { "retry-after": "120" }))).account,
    ],
    ["a proxy's page", async () => (await startConfluent(() => new Response("<html>s3cret</html>"))).account],
    ["a reset", async () => (await startConfluent((_url, response) => void reset(response, response.req))).account],
    [
      "half an answer",
      async () => (await startConfluent((_url, response) => void brokenOff(response, response.req))).account,
    ],
    [
      "nobody there",
      async () => ({
        id: "confluent",
        provider: "confluent",
        base_url: `http://127.0.0.1:${await closedPort()}`,
        credentials: SECRETS.confluent,
      }),
    ],
  ];

  it.concurrent.each(vendors)("%s", { timeout: 30_000 }, async (what, start) => {
    const { usage } = await startService([await start()]);
    const answer = await ask(usage);
    expect(answer.status).toBe(502);
    expectEnvelope(answer, "Bad Gateway");
    expect(answer.body).toMatchObject(remote);
    expect(answer.headers.get("retry-after")).toBe(what.startsWith("503") ? "120" : null);
  });
});

describe("what no repetition mends is never 502, 503 or 504", () => {
  it("an answer that is not as the vendor's contract says is 500, the vendor's", async () => {
    const answer = await answerTo(() => new Response(JSON.stringify({ data: "a surprise" })));
    expect(answer.status).toBe(500);
    expectEnvelope(answer, "Internal Server Error");
    expect(answer.body).toMatchObject(remote);
  });

  it("a bug is 500, ours, and says nothing of its cause", async () => {
    const { account } = await startConfluent(() => new Response("{}"));
    const now = () => {
      throw new TypeError(`a clock of ${SECRETS.confluent.api_key}`);
    };
    const { usage } = await startService([account], { now });
    const answer = await ask(usage);
    expect(answer.status).toBe(500);
    expectEnvelope(answer, "Internal Server Error");
    expect(answer.body["message"]).toMatch(/^Internal error \(TypeError\)\..*\(request [\w-]{36}\)$/);
    expect(answer.body).not.toHaveProperty("truto_is_remote_error");
  });
});

describe("time that is over", () => {
  it("is 504, ours", async () => {
    const vendor = await startConfluent(() => undefined);
    const { usage } = await startService([vendor.account], { http: { limits: { call_seconds: 0.3 } } });
    const answer = await ask(usage);
    expect(answer.status).toBe(504);
    expectEnvelope(answer, "Gateway Timeout");
    expect(answer.body).not.toHaveProperty("truto_is_remote_error");
    await vendor.idle();
  });
});

describe("an error as the endpoint answers it", () => {
  const { signal } = new AbortController();
  const facts = { provider: "confluent", status: 418 };

  it.each<[ErrorKind, object, number, boolean]>([
    ["question", {}, 400, false],
    ["question", { parameter: "limit" }, 400, false],
    ["question", { not_found: true }, 404, false],
    ["question", facts, 400, true],
    ["configuration", {}, 500, false],
    ["credentials", facts, 500, true],
    ["credentials", { ...facts, status: 401 }, 401, true],
    ["unavailable", { ...facts, status: 410 }, 502, true],
    ["unavailable", { ...facts, status: 400 }, 502, true],
    ["unavailable", { ...facts, status: 429 }, 429, true],
    ["unavailable", { provider: "confluent" }, 502, true],
    ["vendor_data", {}, 500, true],
    ["cancelled", {}, 408, false],
  ])("%s %o is %i", (kind, details, status, isRemote) => {
    const answered = restError(new UsageError(kind, "what happened", details), "r-1", signal);
    expect(answered.status).toBe(status);
    expect(answered.envelope.statusCode).toBe(status);
    expect(answered.envelope.truto_is_remote_error === true).toBe(isRemote);
    expect(answered.envelope.truto_error_insight?.remote_error !== undefined).toBe(isRemote);
  });

  it("is late only when it is what ended the request", () => {
    const late = new UsageError("unavailable", "There was no whole answer within 1 s.");
    const ended = new AbortController();
    ended.abort(late);
    expect(restError(late, "r-1", ended.signal).status).toBe(504);
    expect(restError(new UsageError("unavailable", "other"), "r-1", ended.signal).status).toBe(502);
  });

  it("names the request where the question is not at fault", () => {
    expect(restError(badParameter("limit", "no"), "r-1", signal).envelope).toMatchObject({
      message: "limit: no",
      request_id: "r-1",
    });
    expect(restError(new UsageError("credentials", "No."), "r-1", signal).envelope.message).toBe("No. (request r-1)");
  });
});

describe("secrets", () => {
  const secret = 's3c/ret+with"odd&signs==';
  const refusal = (detail: string, more = {}) => JSON.stringify({ errors: [{ detail }], ...more });
  const long = { more: "x".repeat(5000) };

  it.each([
    ["as it is", refusal(`not ${secret}`)],
    ["with slashes escaped, as some servers write JSON", refusal(`not ${secret}`).replaceAll("/", "\\/")],
    ["in a body that is cut", refusal(`not ${secret}`, long)],
    ["escaped, in a body that is cut", refusal(`not ${secret}`, long).replaceAll("/", "\\u002F")],
    ["in a URL", refusal(`not /path?key=${encodeURIComponent(secret)}`)],
    ["in a URL in small letters", refusal(`not ?key=s3c%2fret%2bwith%22odd%26signs%3d%3d`)],
    ["in JSON within JSON", refusal(JSON.stringify({ not: JSON.stringify({ secret }) }))],
    ["in JSON that breaks off", refusal(`not ${secret}`).slice(0, -3)],
    ["in a web page", `<p>not s3c&#x2F;ret&#43;with&quot;odd&amp;signs==</p>`],
    ["in base64", refusal(`not ${Buffer.from(secret).toString("base64")}`)],
    ["as a name", refusal("not", { [secret]: 1 })],
    ["as a name and a number, of digits", JSON.stringify({ 8765432187654321: 8765432187654321, errors: ["not"] })],
  ])("in the vendor's refusal are blanked, however it spells them: %s", async (_what, body) => {
    const { account } = await startConfluent(() => new Response(body, { status: 400 }));
    const credentials = { api_key: "8765432187654321", api_secret: secret };
    const { usage } = await startService([{ ...account, credentials }]);
    const answer = await ask(usage);
    expect(answer.status).toBe(400);
    const said = JSON.stringify(answer.body);
    expect(said).toContain("[secret]");
    expect(said).toContain("not");
    expect(said).not.toMatch(/s3c|odd|signs|czNj|87654321/);
  });

  it("are in no answer and no log line, wherever vendors repeat them", async () => {
    const logged: string[] = [];
    const keep = (fields: Record<string, unknown>, message: string) =>
      void logged.push(JSON.stringify({ ...fields, message }));
    const { account } = await startConfluent(() => refusing(400, `your key ${SECRETS.confluent.api_key} is wrong`));
    const { usage } = await startService([account], {
      log: { debug: keep, info: keep, warn: keep, error: keep },
    });
    const { body } = await ask(usage, "", { headers: { authorization: "Bearer some-bearer-token" } });
    expect(body["message"]).toContain("your key [secret] is wrong");
    expect(logged.length).toBeGreaterThan(2);
    expect(secretsIn(JSON.stringify(body) + logged.join("\n"))).toEqual([]);
    expect(logged.join("\n")).not.toContain("some-bearer-token");
  });
});
