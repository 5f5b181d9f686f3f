import { describe, expect, it } from "vitest";
import { failure, guardTheEdge, json, list, engineOf, rowsOf } from "../edge.ts";
import { asked, bucket, cents, CONSOLE, ENTERPRISE, page, rows, tokens, V2 } from "./claude.ts";
guardTheEdge();
const show = (x: unknown) => console.log(JSON.stringify(x, null, 0));
describe("attack", () => {
  it("console charge_type", async () => {
    const q = asked("console_cost", ({ searchParams }) => {
      const by = searchParams.getAll("group_by[]");
      const parts = by.includes("description")
        ? [
            { amount: "100", currency: "USD", cost_type: "tokens", token_type: "output_tokens", model: "m", description: "d1" },
            { amount: "50", currency: "USD", cost_type: "tokens", token_type: "uncached_input_tokens", model: "m", description: "d2" },
            { amount: "7", currency: "USD", cost_type: "web_search", token_type: null, model: null, description: "d3" },
          ]
        : [{ amount: "157", currency: "USD", cost_type: null, token_type: null, model: null }];
      return page([bucket("2026-10-05", parts)]);
    });
    for (const group_by of [["charge_type"], ["metric_name"], ["charge_type", "model"]])
      show((await rows({ report_type: "cost", date: "2026-10-05", group_by }, CONSOLE)).map((r) => [r["metric_name"], Object(r["charges"])[0].amount]));
    show(q);
  });
  it("ids with filter", async () => {
    asked("usage", ({ searchParams }) => page([bucket("2026-10-05", [tokens(searchParams.has("user_ids[]") ? 1 : 10, { product: "chat", model: "m" })])]));
    const a = await rows({ report_type: "usage", date: "2026-10-05" });
    const b = await rows({ report_type: "usage", date: "2026-10-05", user_ids: ["user_1"] });
    show(["same id for different fact", a[0]?.["id"] === b[0]?.["id"]]);
  });
  it("text counters by surface", async () => {
    asked("activity", () => page([{ user: { id: "u" }, chat_metrics: { message_count: "20" }, web_search_count: "3" }]));
    show(await rows({ report_type: "activity", date: "2026-10-05", group_by: ["user", "product"] }));
  });
  it("remote group_by scalar", async () => {
    const q = asked("usage", () => page([bucket("2026-10-05", [tokens(1, { speed: "fast" }), tokens(1, { speed: "standard" })])]));
    const r = await rows({ report_type: "usage", date: "2026-10-05", remote_query: { group_by: "speed" } });
    show([q, r.map(({ id }) => id)]);
  });
  it("recent refusal masked", async () => {
    asked("activity", () => json({ type: "error", error: { type: "invalid_request_error", message: "filter[] dimension 'x' is not available on this endpoint" } }, 400));
    show(await list(engineOf([ENTERPRISE]), { report_type: "activity", date: "2026-11-20", remote_query: { filter: ["x:1"] } }).catch(String));
  });
  it("raw remainder + null list", async () => {
    asked("cost", ({ searchParams }) =>
      page([bucket("2026-10-05", searchParams.has("group_by[]") ? Array.from({ length: 100 }, (_, i) => cents("10", "20", { model: `m${i}` })) : [cents("1100", "2100")])]),
    );
    const a = await list(engineOf([ENTERPRISE]), { report_type: "cost", date: "2026-10-05", truto_response_format: "raw", limit: 1000 });
    show(rowsOf(a).slice(-1));
    asked("cost", ({ searchParams }) =>
      page([bucket("2026-10-05", searchParams.has("group_by[]") ? Array.from({ length: 100 }, (_, i) => ({ ...cents("10", "20", { model: `m${i}` }), list_amount: null })) : [{ ...cents("1100", "2100"), list_amount: null }])]),
    );
    show(await rows({ report_type: "cost", date: "2026-10-05" }).then((r) => r.slice(-1), String));
  });
  it("federated", async () => {
    const row = (actor: unknown) => ({ ...bucket("2026-10-05", []), group: { actor }, cost: cents("1", "1") });
    asked("v2_cost", () => page([row({ type: "federated_actor", provider: { type: "aws", account_id: "1" }, subject: "s" }), row({ type: "federated_actor", provider: { type: "gcp" }, subject: "s" })]));
    show((await rows({ report_type: "cost", date: "2026-10-05", group_by: ["user"] }, V2)).map(({ id }) => id));
  });
  it("token_type errors", async () => {
    show(String(await failure(rows({ report_type: "cost", date: "2026-10-05", group_by: ["token_type"], product_ids: ["other"] }))));
    show(String(await failure(rows({ report_type: "cost", date: "2026-10-05", group_by: ["token_type", "week"] }, V2))));
    show(String(await failure(rows({ report_type: "cost", end_date: "2025-06-01" }))));
  });
});
