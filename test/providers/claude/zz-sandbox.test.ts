import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../../src/accounts/config.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { SILENT } from "../../../src/log.ts";
import { startSandbox } from "../../../src/sandbox/server.ts";
import { getCostSummary } from "../../../src/tools/get-cost-summary.ts";
import { cursorCodec } from "../edge.ts";
const NOW = Date.parse("2026-11-23T09:00:00Z");
let engine: Engine; let sandbox: Awaited<ReturnType<typeof startSandbox>>;
const show = (...x: unknown[]) => console.log(x.map((y) => (typeof y === "string" ? y : JSON.stringify(y))).join(" "));
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => new Date(NOW) });
  const base: any[] = (sandbox.accounts as any[]).filter((a) => a.provider === "claude");
  show(base.map((a) => a.id));
  const ent = base.find((a) => !a.credentials.api_key.startsWith("sk-ant-admin"));
  const adm = { ...ent, credentials: { api_key: "sk-ant-admin01-sandbox" } };
  const accounts = [{ ...ent, id: "ent" }, { ...ent, id: "v2", api: "v2" }, ...(adm ? [{ ...adm, id: "con" }, { ...adm, id: "v2a", api: "v2" }] : [])];
  engine = new Engine({ accounts: readConfig({ accounts }, "x", {}), cursors: cursorCodec(), clock: () => NOW, log: SILENT });
});
afterAll(() => sandbox.close());
const call = () => ({ signal: new AbortController().signal });
async function all(query: any) {
  const rows: any[] = []; let cursor: string | null = ""; const warnings = new Set<string>();
  while (cursor !== null) {
    const a: any = await engine.listUsage({ limit: 10000, ...query, ...(cursor ? { cursor } : {}) }, call(), { budget: Infinity, withRemoteData: false });
    rows.push(...a.result); cursor = a.next_cursor; for (const w of a.warnings) warnings.add(w);
  }
  return { rows, warnings: [...warnings] };
}
const net = (rows: any[], type = "net") => Math.round(rows.reduce((s, r) => s + (r.charges?.find((c: any) => c.type === type)?.amount ?? 0), 0) * 1e6) / 1e6;
const tok = (rows: any[]) => rows.reduce((s, r) => s + (r.usage?.tokens?.total ?? r.usage?.quantity ?? 0), 0);
const P = { start_date: "2026-09-10", end_date: "2026-10-20" };
describe("sandbox", () => {
  it("cost sums", async () => {
    for (const id of ["ent", "v2", "con", "v2a"]) {
      for (const group_by of [undefined, ["day"], ["product"], ["model"], ["product", "model"], ["surface", "week"], ["month"], ["user"], ["user", "product"], ["charge_type"], ["charge_type", "model"], ["token_type"], ["token_type", "product", "day"], ["metric_name"], ["organization"], ["workspace"], ["resource"], ["user", "month"], ["user", "charge_type"], ["provider", "account"]]) {
        try {
          const { rows, warnings } = await all({ integrated_account_id: id, report_type: "cost", ...P, ...(group_by ? { group_by } : {}) });
          const dup = rows.length - new Set(rows.map((r) => r.id)).size;
          show(id, "cost", group_by ?? "-", rows.length, net(rows), net(rows, "total"), dup ? `DUP ${dup}` : "", warnings);
        } catch (e) { show(id, "cost", group_by ?? "-", String(e).slice(0, 160)); }
      }
    }
  }, 100000);
  it("usage sums", async () => {
    for (const id of ["ent", "v2", "con", "v2a"]) {
      for (const more of [{}, { granularity: "hour" }, { group_by: ["day"] }, { group_by: ["product"] }, { group_by: ["model"] }, { group_by: ["user"] }, { group_by: ["user", "model"] }, { group_by: ["token_type"] }, { group_by: ["token_type", "user"] }, { group_by: ["month"] }, { group_by: ["day"], granularity: "hour" }, { group_by: ["resource"] }, { group_by: ["workspace"] }]) {
        try {
          const { rows, warnings } = await all({ integrated_account_id: id, report_type: "usage", start_date: "2026-10-01", end_date: "2026-10-09", ...more });
          const dup = rows.length - new Set(rows.map((r) => r.id)).size;
          show(id, "usage", more, rows.length, tok(rows), dup ? `DUP ${dup}` : "", warnings);
        } catch (e) { show(id, "usage", more, String(e).slice(0, 160)); }
      }
    }
  }, 100000);
  it("filters partition", async () => {
    for (const id of ["ent", "v2", "con", "v2a"]) for (const report_type of ["usage", "cost", "user_usage", "user_cost", "activity", "skill_usage", "connector_usage", "project_usage", "summary"]) {
      const D = { start_date: "2026-10-12", end_date: "2026-10-15" };
      const m = (rows: any[]) => [rows.length, report_type.includes("cost") ? net(rows) : tok(rows)];
      try {
        const base = await all({ integrated_account_id: id, report_type, ...D, group_by: ["product", "user", "model"].filter((d) => !(d === "model" && !/usage$|cost$/.test(report_type)) ).filter((d) => /^(usage|cost|user_)/.test(report_type) || d !== "model") }).catch(async () => all({ integrated_account_id: id, report_type, ...D }));
        const users = [...new Set(base.rows.map((r) => r.user?.id).filter(Boolean))].slice(0, 2);
        const mails = base.rows.filter((r) => users.includes(r.user?.id)).map((r) => r.user?.email).filter(Boolean);
        const models = [...new Set(base.rows.map((r) => r.model?.id).filter(Boolean))].slice(0, 1);
        const products = [...new Set(base.rows.map((r) => r.product?.id).filter(Boolean))];
        const own = (f: (r: any) => boolean) => m(base.rows.filter(f));
        const ask = async (f: any) => all({ integrated_account_id: id, report_type, ...D, ...f }).then(({ rows }) => m(rows), (e) => String(e).slice(0, 110));
        if (users.length) show(id, report_type, "user ids", own((r) => users.includes(r.user?.id)), await ask({ user_ids: users }), "mails", await ask({ user_ids: mails.map((x: string) => x.toUpperCase()) }), "UPPER ids", await ask({ user_ids: users.map((u: string) => u.toUpperCase()) }));
        if (models.length) show(id, report_type, "model", models, own((r) => models.includes(r.model?.id)), await ask({ model_ids: models.map((x: string) => x.toUpperCase()) }));
        for (const p of products) show(id, report_type, "product", p, own((r) => r.product?.id === p), await ask({ product_ids: [p.toUpperCase()] }), "surface", await ask({ surfaces: [p] }));
      } catch (e) { show(id, report_type, String(e).slice(0, 140)); }
    }
  }, 100000);
  it("summary", async () => {
    for (const id of ["ent", "v2", "con", "v2a"]) for (const args of [{ group_by: [] }, { group_by: ["product"] }, { group_by: ["user"] }, { group_by: ["charge_type"] }, { group_by: ["month", "model"] }, { group_by: ["user", "week"] }, { group_by: ["organization"] }, { group_by: ["metric_name"] }, { group_by: [], product_ids: ["code"] }, { group_by: [], product_ids: ["slack", "api"] }, { group_by: ["product"], surfaces: ["slack"] }]) {
      const s: any = await getCostSummary.run(engine, { integrated_account_ids: [id], ...P, ...args } as any, call()).catch(String);
      show(id, args, s.totals ? s.totals.map((t: any) => [t.net, t.gross]) : s, s.groups?.length, s.warnings);
    }
  }, 100000);
});
