import { it, beforeAll, afterAll } from "vitest";
import { SandboxEngine } from "../../../contract/sandbox-engine.ts";
import { getCostSummary } from "../../../../src/tools/get-cost-summary.ts";
let s: SandboxEngine;
beforeAll(async () => { s = await SandboxEngine.start(); });
afterAll(() => s.close());
async function sum(q: any) {
  try {
    const a: any = await getCostSummary.run(s.engine, { start_date: "2026-10-13", end_date: "2026-10-15", ...q }, { signal: new AbortController().signal });
    console.log(`## ${JSON.stringify(q)}\n totals ${JSON.stringify(a.totals)}\n warn ${JSON.stringify(a.warnings)} hint ${a.hint}\n ${(a.groups as any[]).slice(0, 6).map((g) => JSON.stringify(g)).join("\n ")}`);
  } catch (e) { console.log(`## ${JSON.stringify(q)} ERROR ${e}`); }
}
it("x", async () => {
  for (const id of ["openai", "codex"]) {
    for (const by of [[], ["charge_type"], ["model"], ["user"], ["surface"], ["resource"], ["workspace"], ["organization"], ["product"], ["week"], ["month"], ["user","model"],["user", "workspace"], ["metric_name"]])
      await sum({ integrated_account_ids: [id], group_by: by });
    await sum({ integrated_account_ids: [id], group_by: [], model_ids: ["GPT-5.5"] });
    await sum({ integrated_account_ids: [id], group_by: ["model"], surfaces: ["cli"] });
    await sum({ integrated_account_ids: [id], group_by: [], user_ids: ["samir.qureshi-lane@tidewater-robotics.example"] });
    await sum({ integrated_account_ids: [id], product_ids: ["chatgpt"] });
  }
  await sum({ integrated_account_ids: ["claude"], group_by: ["charge_type"] });
});
