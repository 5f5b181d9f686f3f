import { it, beforeAll, afterAll } from "vitest";
import { SandboxEngine } from "../../../contract/sandbox-engine.ts";
let s: SandboxEngine;
beforeAll(async () => { s = await SandboxEngine.start(); });
afterAll(() => s.close());
const D = { start_date: "2026-10-13", end_date: "2026-10-15" };
const one = (r: any) => ({ ...r, remote_data: undefined });
async function show(title: string, q: any, n = 3) {
  try {
    const { rows, answer, wire } = await s.list({ limit: 1000, ...q });
    console.log(`## ${title} ${JSON.stringify(q)}\nrows ${rows.length} next ${answer.next_cursor !== null} warnings ${JSON.stringify(answer.warnings)} hint ${answer.hint ?? ""}\nwire ${wire.length}\n ${wire.slice(0, 6).map((w) => w.slice(0, 300)).join("\n ")}\n${rows.slice(0, n).map((r) => JSON.stringify(one(r))).join("\n")}`);
    return { rows, answer, wire };
  } catch (e) { console.log(`## ${title} ${JSON.stringify(q)}\nERROR ${e}`); return undefined; }
}
it("x", async () => {
  console.log(s.engine.accounts.map((a) => `${a.id} ${a.provider} ${JSON.stringify(a.settings)}`).join("\n"));
  const o = { integrated_account_id: "openai", ...D };
  const c = { integrated_account_id: "codex", ...D };
  for (const report_type of ["activity", "usage", "user_usage", "project_usage", "cost", "user_cost", "summary"]) await show("o", { ...o, report_type }, report_type === "summary" ? 20 : 2);
  for (const report_type of ["activity", "usage", "user_usage", "cost", "user_cost", "summary"]) await show("c", { ...c, report_type }, report_type === "summary" ? 20 : 2);
  await show("upper model", { ...o, model_ids: ["GPT-5.5"] }, 1);
  await show("model", { ...o, model_ids: ["gpt-5.5"] }, 1);
  await show("empty users", { ...o, user_ids: [] }, 1);
  await show("blank user", { ...o, user_ids: [" "] }, 1);
  await show("empty models", { ...o, model_ids: [] }, 1);
  await show("group user", { ...o, group_by: ["user"] }, 2);
  await show("c group", { ...c, report_type: "activity", group_by: ["model", "user"] }, 2);
  await show("c chatgpt", { ...c, product_ids: ["chatgpt"] }, 2);
  await show("cost charge_type", { ...o, report_type: "cost", group_by: ["charge_type"] }, 5);
  await show("cost user ws", { ...o, report_type: "cost", group_by: ["user", "workspace"] }, 5);
  await show("cost user old", { integrated_account_id: "openai", start_date: "2026-01-05", end_date: "2026-01-08", report_type: "user_cost" }, 5);
}, 100000);
