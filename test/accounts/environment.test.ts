import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { accountsFromEnvironment } from "../../src/accounts/environment.ts";
import { UsageError } from "../../src/errors.ts";

const SECRET = "sk-s3cret-of-the-tests";

function messageOf(env: NodeJS.ProcessEnv): string {
  try {
    accountsFromEnvironment(env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.kind).toBe("configuration");
    expect(inspect(error, { depth: 20 }).includes(SECRET), "the error holds a secret").toBe(false);
    expect(error.message).toMatch(/^[^\n]+[.?]$/);
    return error.message;
  }
  throw new Error("it should have been refused");
}

/** The variables, the account that they make, and its settings and credentials. */
const SETS: [Record<string, string>, string, string, Record<string, string>, Record<string, string>][] = [
  [{ ANTHROPIC_ANALYTICS_KEY: "k1" }, "claude", "claude", {}, { api_key: "k1" }],
  [{ ANTHROPIC_ADMIN_KEY: "k2" }, "claude-console", "claude", {}, { api_key: "k2" }],
  [{ OPENAI_ADMIN_KEY: "k3" }, "openai", "openai_codex", {}, { api_key: "k3" }],
  [
    { OPENAI_WORKSPACE_KEY: "k4", OPENAI_WORKSPACE_ID: "ws" },
    "codex",
    "openai_codex",
    { workspace_id: "ws" },
    { api_key: "k4" },
  ],
  [{ CURSOR_API_KEY: "k5" }, "cursor", "cursor", {}, { api_key: "k5" }],
  [
    { CONFLUENT_CLOUD_API_KEY: "k6", CONFLUENT_CLOUD_API_SECRET: "s6" },
    "confluent",
    "confluent",
    {},
    { api_key: "k6", api_secret: "s6" },
  ],
  [{ DD_API_KEY: "k7", DD_APP_KEY: "a7" }, "datadog", "datadog", {}, { api_key: "k7", application_key: "a7" }],
  [
    { DD_API_KEY: "k7", DD_APP_KEY: "a7", DD_SITE: "datadoghq.eu" },
    "datadog",
    "datadog",
    { site: "datadoghq.eu" },
    { api_key: "k7", application_key: "a7" },
  ],
];

describe("the vendors' usual variables", () => {
  it.each(SETS)("%o make the account %s", (env, id, provider, settings, credentials) => {
    const accounts = accountsFromEnvironment({ PATH: "/bin", ...env });
    expect(accounts).toMatchObject([{ id, provider, settings }]);
    const revealed = Object.entries(accounts[0]?.credentials ?? {}).map(([name, secret]) => [name, secret.reveal()]);
    expect(Object.fromEntries(revealed)).toEqual(credentials);
  });

  it("make all their accounts together, each id once", () => {
    const accounts = accountsFromEnvironment(Object.assign({}, ...SETS.map(([env]) => env)));
    expect(accounts.map(({ id }) => id)).toEqual([
      "claude",
      "claude-console",
      "openai",
      "codex",
      "cursor",
      "confluent",
      "datadog",
    ]);
  });

  it("that are empty are as good as not set", () => {
    const accounts = accountsFromEnvironment({ CURSOR_API_KEY: SECRET, DD_API_KEY: "", DD_APP_KEY: "", DD_SITE: "" });
    expect(accounts.map(({ id }) => id)).toEqual(["cursor"]);
  });

  it("DD_SITE alone makes no account", () => {
    expect(messageOf({ DD_SITE: "datadoghq.eu" })).toMatch(/^No accounts are configured/);
  });
});

describe("half of a pair", () => {
  it.each([
    ["DD_API_KEY", "DD_APP_KEY", "datadog"],
    ["DD_APP_KEY", "DD_API_KEY", "datadog"],
    ["CONFLUENT_CLOUD_API_KEY", "CONFLUENT_CLOUD_API_SECRET", "confluent"],
    ["CONFLUENT_CLOUD_API_SECRET", "CONFLUENT_CLOUD_API_KEY", "confluent"],
    ["OPENAI_WORKSPACE_KEY", "OPENAI_WORKSPACE_ID", "codex"],
    ["OPENAI_WORKSPACE_ID", "OPENAI_WORKSPACE_KEY", "codex"],
  ])("is told by name: %s without %s", (present, missing, id) => {
    const words = `${present} is set but ${missing} is not; ${id} needs both.`;
    expect(messageOf({ [present]: SECRET })).toContain(words);
    expect(messageOf({ [present]: SECRET, [missing]: "", CURSOR_API_KEY: SECRET })).toContain(words);
  });
});

describe("no variable at all", () => {
  it("is told with all ways to configure an account", () => {
    const message = messageOf({ PATH: "/bin" });
    for (const way of ["--config", "USAGE_MCP_CONFIG", "--sandbox", ...SETS.flatMap(([env]) => Object.keys(env))]) {
      // DD_SITE is a choice beside the pair.
      if (way !== "DD_SITE") expect(message).toContain(way);
    }
  });
});

describe("a variable with a fault", () => {
  it.each([
    ["CURSOR_API_KEY", { CURSOR_API_KEY: `${SECRET}\n` }, /line break/],
    ["DD_APP_KEY", { DD_API_KEY: "k", DD_APP_KEY: `${SECRET} ` }, /space/],
    ["DD_SITE", { DD_API_KEY: "k", DD_APP_KEY: "a", DD_SITE: "datadoghq.ue" }, /datadoghq\.eu/],
  ])("is named, since nobody wrote the path of a config file: %s", (name, env, words) => {
    const message = messageOf(env);
    expect(message).toMatch(words);
    expect(message).toContain(name);
  });
});
