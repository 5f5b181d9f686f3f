import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modernRequest, posted, send } from "../e2e/protocol/requests.ts";
import { type BuiltServer, startBuilt } from "../fronts/http/server.ts";
import { EXCUSES } from "./excuses.ts";
import { HINDRANCE, install, type ListedScenario, listScenarios, runScenarios } from "./suite.ts";
import { judge, type Verdict } from "./verdict.ts";

const INSTALLING = 300_000;

describe.skipIf(HINDRANCE !== undefined)(`the public conformance suite${HINDRANCE ? `: ${HINDRANCE}` : ""}`, () => {
  let server: BuiltServer;
  let listed: ListedScenario[];
  const verdicts: Verdict[] = [];
  beforeAll(async () => {
    await install();
    listed = await listScenarios();
    server = await startBuilt(["--sandbox"]);
    const versions = listed.filter(({ isExtension }) => !isExtension).flatMap((scenario) => scenario.versions);
    for (const version of [...new Set(versions)].sort())
      for (const run of await runScenarios(`${server.url}/mcp`, version)) verdicts.push(judge(run));
    console.log(written(verdicts));
  }, INSTALLING);
  afterAll(() => server.stop());

  it("was run whole: every scenario, under every revision that it names", () => {
    const run = verdicts.map(({ scenario, version }) => `${scenario} ${version}`);
    const expected = listed
      .filter(({ isExtension }) => !isExtension)
      .flatMap(({ scenario, versions }) => versions.map((version) => `${scenario} ${version}`));
    expect(run.sort()).toEqual(expected.sort());
    expect(run.length).toBeGreaterThan(90);
  });

  it("finds nothing wanting that applies", () => {
    expect(verdicts.filter(({ failures }) => failures.length > 0)).toEqual([]);
  });

  it.each([
    ["server-initialize", "2025-06-18", "2025-11-25"],
    ["ping", "2025-06-18", "2025-11-25"],
    ["tools-list", "2025-06-18", "2025-11-25", "2026-07-28"],
    ["dns-rebinding-protection", "2025-11-25", "2026-07-28"],
    ["http-header-validation", "2026-07-28"],
    ["server-sse-multiple-streams", "2026-07-28"],
    ["input-required-result-unsupported-methods", "2026-07-28"],
    ["prompts-list", "2025-06-18", "2025-11-25", "2026-07-28"],
    ["resources-list", "2025-06-18", "2025-11-25", "2026-07-28"],
    ["sep-2164-resource-not-found", "2026-07-28"],
    ["caching", "2026-07-28"],
  ])("passes %s", (name, ...versions) => {
    const outcomes = verdicts.filter(({ scenario, outcome }) => scenario === name && outcome === "passes");
    expect(outcomes.map(({ version }) => version)).toEqual(versions);
  });

  it("passes server-stateless in all that does not ask for a test server's tools", () => {
    const [verdict] = verdicts.filter(({ scenario }) => scenario === "server-stateless");
    expect(verdict).toMatchObject({ outcome: "passes as far as it applies", passed: 24 });
  });

  it("has no excuse that is not needed", () => {
    const needed = verdicts.flatMap(({ scenario, excuses }) => excuses.map(({ why }) => `${scenario}: ${why}`));
    const made = EXCUSES.flatMap(({ scenarios, why }) => scenarios.map((scenario) => `${scenario}: ${why}`));
    expect(made.filter((excuse) => !needed.includes(excuse))).toEqual([]);
  });

  it("leaves out scenarios of extensions, of which the server offers none", async () => {
    expect(listed.filter(({ isExtension }) => isExtension).map(({ scenario }) => scenario)).toEqual(
      expect.arrayContaining(["tasks-lifecycle", "sep-2640-skills-directory"]),
    );
    const { messages } = await send(server.url, posted(modernRequest("server/discover")));
    expect(messages[0]?.result?.["capabilities"]).not.toHaveProperty("extensions");
  });
});

it("installs the suite from a lock file that names no host", () => {
  const lock = readFileSync(new URL("package-lock.json", import.meta.url), "utf8");
  expect(lock).not.toMatch(/"resolved":|https?:\/\/[a-z.-]*regist/);
});

function written(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ scenario, version, outcome, passed, excuses }) => {
    const why = excuses.map((excuse) => excuse.why).join("; ");
    return `${scenario.padEnd(46)} ${version}  ${String(passed).padStart(2)} passed  ${outcome}${why && `: ${why}`}`;
  });
  return rows.join("\n");
}
