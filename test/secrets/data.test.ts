import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/accounts/config.ts";
import { confluent } from "../../src/providers/confluent/adapter.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import type { Query } from "../../src/usage/query.ts";
import { withoutSecrets } from "../../src/vendor-http/redaction.ts";
import { call, confluentAnswers, costList, engineOf, guardTheEdge, list, NOW, rowsOf } from "../providers/edge.ts";
import { leaksIn, PLANTED } from "./planted.ts";

guardTheEdge();

const SECRETS = { api_key: PLANTED.confluentKey, api_secret: PLANTED.confluentSecret };
const ACCOUNT = { id: "confluent", provider: "confluent", credentials: SECRETS };
const DAYS = { start_date: "2026-10-01", end_date: "2026-10-03" };

/** A vendor whose data holds the credentials of who asks, as names and in fields that nobody knows. */
function lines() {
  const both = `${SECRETS.api_key}:${SECRETS.api_secret}`;
  return ["2026-10-01", "2026-10-02"].map((day, index) => ({
    id: `line-${index}`,
    start_date: day,
    end_date: `2026-10-0${index + 2}`,
    line_type: "KAFKA_STORAGE",
    product: "KAFKA",
    amount: 12.5,
    description: `made with ${both}`,
    resource: { id: SECRETS.api_key, display_name: SECRETS.api_secret, environment: { id: `env ${both}` } },
    [SECRETS.api_secret]: Buffer.from(both).toString("base64"),
  }));
}

describe("data in which a vendor hands the credentials back", () => {
  it.each<[string, Query]>([
    ["rows", {}],
    ["rows with the vendor's data", { truto_ignore_remote_data: false }],
    ["the vendor's items", { truto_response_format: "raw" }],
    ["entities", { truto_response_format: "normalized" }],
    ["debug output", { truto_response_format: "debug" }],
    ["groups", { group_by: ["resource", "workspace"] }],
    ["rows by a key", { truto_key_by: "id" }],
  ])("is given without them: %s", async (_, query) => {
    confluentAnswers(() => costList(lines()));
    const engine = engineOf([ACCOUNT]);
    for (const asked of ["first", "again, from what is kept"]) {
      const answer = await list(engine, { ...DAYS, ...query });
      expect(answer.result_count, asked).toBe(2);
      expect(leaksIn(JSON.stringify(answer)), asked).toEqual([]);
    }
  });

  it("is summed without them, and its numbers are the same", async () => {
    confluentAnswers(() => costList(lines()));
    const args = { ...DAYS, group_by: ["resource", "workspace"] };
    const answer = JSON.stringify(await getCostSummary.run(engineOf([ACCOUNT]), args, call()));
    expect(leaksIn(answer)).toEqual([]);
    expect(answer).toContain('"net":25,');
    expect(answer).toContain("[secret]");
  });

  it("is refused without them where they stand for a number, though the error cuts them short", async () => {
    confluentAnswers(() =>
      costList(lines().map((line) => ({ ...line, amount: `${"x".repeat(20)}${SECRETS.api_secret}` }))),
    );
    const error: unknown = await list(engineOf([ACCOUNT]), DAYS).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("CostList.data[].amount");
    expect(leaksIn(String(error))).toEqual([]);
  });
});

describe("an answer", () => {
  const answerOf = (text: string, credentials: Record<string, string>) => {
    const [account] = readConfig({ accounts: [{ ...ACCOUNT, credentials }] }, "test", {});
    if (!account) throw new Error("there is an account");
    return withoutSecrets({ headers: { etag: text }, raw: Buffer.from(text) }, confluent.connect(account, NOW));
  };

  it("without secrets is left as it is, to the byte", async () => {
    const text = '{"amount": 1.50, "name": "Zoë"}';
    expect(answerOf(text, SECRETS).raw.toString()).toBe(text);
    confluentAnswers(() => costList(lines().map(({ id, amount, ...line }) => ({ ...line, id, amount, resource: {} }))));
    expect(rowsOf(await list(engineOf([ACCOUNT]), DAYS))).toHaveLength(2);
  });

  it("is not blanked for credentials that are too short to be any: they stand in numbers, too", () => {
    const text = '{"amount": 12345678}';
    expect(answerOf(text, { api_key: "1234", api_secret: "5678" }).raw.toString()).toBe(text);
  });
});
