import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Account } from "../../src/accounts/account.ts";
import { readConfig, readConfigFile } from "../../src/accounts/config.ts";
import { DATADOG_SITES } from "../../src/accounts/datadog-sites.ts";
import { UsageError } from "../../src/errors.ts";

/** Stands for any credential; no message may hold it. */
const SECRET = "sk-s3cret-of-the-tests";

const CURSOR = { id: "cursor", provider: "cursor", credentials: { api_key: SECRET } };
const CONFLUENT = { id: "confluent", provider: "confluent", credentials: { api_key: SECRET, api_secret: SECRET } };
const DATADOG = { id: "datadog", provider: "datadog", credentials: { api_key: SECRET, application_key: SECRET } };

/** How a config names an environment variable. */
const variable = (name: string) => `$\{${name}}`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "usage-mcp-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const file = path.join(folder, "accounts.json");
  writeFileSync(file, text);
  return file;
}

function read(config: unknown, env: NodeJS.ProcessEnv = {}): Account[] {
  return readConfigFile(write(JSON.stringify(config, undefined, 2)), env).accounts;
}

/** What is said of a config that can't be taken, behind the file's name. */
function faultOf(take: () => unknown, file = path.join(folder, "accounts.json")): string {
  try {
    take();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.kind).toBe("configuration");
    expect(inspect(error, { depth: 20 }).includes(SECRET), "the error holds a secret").toBe(false);
    expect(error.message).toMatch(/^[^\n]+[.?]$/);
    const head = `Config ${file}: `;
    expect(error.message.slice(0, head.length)).toBe(head);
    return error.message.slice(head.length);
  }
  throw new Error("it should have been refused");
}

describe("a config file that can't be read", () => {
  it("is named: missing", () => {
    const file = path.join(folder, "nowhere.json");
    expect(faultOf(() => readConfigFile(file, {}), file)).toBe("there is no such file.");
  });

  it("is named: a directory", () => {
    const file = path.join(folder, "directory.json");
    mkdirSync(file);
    expect(faultOf(() => readConfigFile(file, {}), file)).toContain("EISDIR");
  });

  const broken: [string, string, number][] = [
    ["a comma too many", `{\n  "accounts": [\n    { "api_key": "${SECRET}", }\n  ]\n}`, 3],
    ["a comma missing", `{\n  "api_key": "${SECRET}"\n  "accounts": []\n}`, 3],
    ["a value without quotes", `{\n  "accounts": [\n    { "api_key": ${SECRET} }\n  ]\n}`, 3],
    ["a comment", `{\n  // ${SECRET}\n  "accounts": []\n}`, 2],
    ["a text that doesn't end", `{\n  "api_key": "${SECRET}\n}`, 2],
    ["a bracket of the other kind", `{\n  "accounts": [\n  }\n}`, 3],
    ["an end too early", `{\n  "accounts": [\n    { "api_key": "${SECRET}" }`, 3],
  ];
  it.each(broken)("tells the line of %s without quoting it", (_, text, line) => {
    expect(faultOf(() => readConfigFile(write(text), {}))).toBe(`it is not JSON (line ${line}).`);
  });

  it.each([
    ["nothing", ""],
    ["the key alone", SECRET],
  ])("is no JSON: %s", (_, text) => {
    expect(faultOf(() => readConfigFile(write(text), {}))).toMatch(/^it is not JSON/);
  });
});

/** A config, and what must be said of it. */
const FAULTS: [string, unknown, RegExp][] = [
  ["a list", [CURSOR], /must hold an object with accounts/],
  ["null", null, /must hold an object with accounts/],
  ["a text", SECRET, /must hold an object with accounts/],
  ["no accounts", {}, /^accounts: must be a list/],
  ["accounts that are no list", { accounts: CURSOR }, /^accounts: must be a list/],
  ["an empty list", { accounts: [] }, /^accounts: must be a list with at least one/],
  ["an account that is none", { accounts: [CURSOR, SECRET] }, /^accounts\[1\]: must be an object/],
  ["an unknown key at the top", { acounts: [CURSOR] }, /^acounts: .*Did you mean 'accounts'\?$/],
  ["no provider", { accounts: [{ ...CURSOR, provider: undefined }] }, /^accounts\[0\]\.provider: is missing/],
  [
    "an unknown provider",
    { accounts: [{ ...CURSOR, provider: "datadgo" }] },
    /^accounts\[0\]\.provider: 'datadgo' is not a provider; there are claude, openai_codex, cursor, confluent, datadog\. Did you mean 'datadog'\?$/,
  ],
  ["a provider of another type", { accounts: [{ ...CURSOR, provider: 5 }] }, /^accounts\[0\]\.provider: '5' is not/],
  [
    "an unknown key of an account",
    { accounts: [CONFLUENT, { ...CURSOR, base_ulr: "https://gw.example" }] },
    /^accounts\[1\]\.base_ulr: .*Did you mean 'base_url'\?$/,
  ],
  ["another provider's setting", { accounts: [{ ...CURSOR, site: "datadoghq.eu" }] }, /^accounts\[0\]\.site: /],
  [
    "an unknown key beside the credentials",
    { accounts: [{ ...CURSOR, credentials: { api_key: SECRET, api_secrt: SECRET } }] },
    /^accounts\[0\]\.credentials\.api_secrt: there is no such setting; there are api_key\./,
  ],
  [
    "a misspelled credential",
    { accounts: [{ ...CURSOR, credentials: { api_kye: SECRET } }] },
    /^accounts\[0\]\.credentials\.api_kye: .*Did you mean 'api_key'\?$/,
  ],
  [
    "a misspelled credential of two",
    { accounts: [{ ...DATADOG, credentials: { api_key: SECRET, app_key: SECRET } }] },
    /^accounts\[0\]\.credentials\.app_key: .*application_key/,
  ],
  ["no credentials", { accounts: [{ ...CURSOR, credentials: undefined }] }, /^accounts\[0\]\.credentials: is missing/],
  ["credentials that are a text", { accounts: [{ ...CURSOR, credentials: SECRET }] }, /^accounts\[0\]\.credentials: /],
  [
    "a missing credential",
    { accounts: [{ ...CONFLUENT, credentials: { api_key: SECRET } }] },
    /^accounts\[0\]\.credentials\.api_secret: is missing\.$/,
  ],
  [
    "an empty credential",
    { accounts: [{ ...CURSOR, credentials: { api_key: "" } }] },
    /^accounts\[0\]\.credentials\.api_key: must not be empty/,
  ],
  [
    "a credential that is a number",
    { accounts: [{ ...CURSOR, credentials: { api_key: 4711 } }] },
    /^accounts\[0\]\.credentials\.api_key: /,
  ],
  [
    "a key with a line break",
    { accounts: [{ ...CURSOR, credentials: { api_key: `${SECRET}\n` } }] },
    /^accounts\[0\]\.credentials\.api_key: .*line break/,
  ],
  [
    "a key with a space",
    { accounts: [{ ...CURSOR, credentials: { api_key: ` ${SECRET}` } }] },
    /^accounts\[0\]\.credentials\.api_key: .*space/,
  ],
  [
    "a key with a letter that no header carries",
    { accounts: [{ ...CURSOR, credentials: { api_key: `${SECRET}…` } }] },
    /^accounts\[0\]\.credentials\.api_key: .*ASCII/,
  ],
  ["no id", { accounts: [{ ...CURSOR, id: undefined }] }, /^accounts\[0\]\.id: is missing/],
  ["an empty id", { accounts: [{ ...CURSOR, id: "" }] }, /^accounts\[0\]\.id: must not be empty/],
  [
    "an id that is taken",
    { accounts: [CURSOR, DATADOG, { ...CONFLUENT, id: "cursor" }] },
    /^accounts\[2\]\.id: 'cursor' is already the id of accounts\[0\]/,
  ],
  ["an empty name", { accounts: [{ ...CURSOR, name: "" }] }, /^accounts\[0\]\.name: must not be empty/],
  [
    "an unknown Datadog site",
    { accounts: [{ ...DATADOG, site: "datadoghq.ue" }] },
    /^accounts\[0\]\.site: 'datadoghq\.ue' is not a Datadog site; .*Did you mean 'datadoghq\.eu'\?$/,
  ],
  [
    "a site that is another host",
    { accounts: [{ ...DATADOG, site: "evil.example/datadoghq.com" }] },
    /^accounts\[0\]\.site: .*is not a Datadog site/,
  ],
];

describe("a fault in a config", () => {
  it.each(FAULTS)("is told in a sentence with the file and the path: %s", (_, config, words) => {
    expect(faultOf(() => read(config))).toMatch(words);
  });

  it.each([
    ["http to another machine", "http://gateway.example", /loopback only.*gateway\.example/],
    ["http to a private address", "http://10.0.0.5:8080", /loopback only/],
    ["http to a name that only begins like loopback", "http://127.0.0.1.evil.example", /loopback only/],
    ["http to a name that only begins like localhost", "http://localhost.evil.example", /loopback only/],
    ["http to every address", "http://0.0.0.0:80", /loopback only/],
    ["a user", `https://me@gateway.example`, /no user/],
    ["a user and password", `https://me:${SECRET}@gateway.example/path`, /no user/],
    ["a query", `https://gateway.example/?key=${SECRET}`, /no user, query/],
    ["a fragment", "https://gateway.example/#top", /fragment/],
    ["another scheme", "ftp://gateway.example", /is not a URL; use https/],
    ["no scheme", "gateway.example", /is not a URL; use https/],
    ["nothing", "", /is not a URL; use https/],
    ["a misspelled scheme before a password", `htps://me:${SECRET}@gateway.example`, /use https/],
  ])("is a base_url with %s", (_, base_url, words) => {
    const fault = faultOf(() => read({ accounts: [{ ...CONFLUENT, base_url }] }));
    expect(fault).toMatch(/^accounts\[0\]\.base_url: /);
    expect(fault).toMatch(words);
  });

  it("is an analytics_base_url that no key may be sent to", () => {
    const account = { id: "codex", provider: "openai_codex", credentials: { api_key: SECRET } };
    const config = { accounts: [{ ...account, analytics_base_url: "http://gateway.example" }] };
    expect(faultOf(() => read(config))).toMatch(/^accounts\[0\]\.analytics_base_url: .*loopback/);
  });

  it.each([
    ["not set", {}],
    ["empty", { CURSOR_KEY: "" }],
  ])("is a variable that is %s", (_, env) => {
    const config = { accounts: [{ ...CURSOR, credentials: { api_key: variable("CURSOR_KEY") } }] };
    expect(faultOf(() => read(config, env))).toMatch(
      /^accounts\[0\]\.credentials\.api_key: the environment variable CURSOR_KEY is not set\.$/,
    );
  });

  it("is a variable whose value ends in a line break", () => {
    const config = { accounts: [{ ...CURSOR, credentials: { api_key: variable("CURSOR_KEY") } }] };
    expect(faultOf(() => read(config, { CURSOR_KEY: `${SECRET}\n` }))).toMatch(/api_key: .*line break/);
  });

  it.each(["provider", "site", "base_url"])("quotes no variable's value that landed in %s by mistake", (key) => {
    const config = { accounts: [{ ...DATADOG, [key]: variable("DD_APP_KEY") }] };
    expect(faultOf(() => read(config, { DD_APP_KEY: SECRET }))).toContain(`.${key}: `);
  });
});

describe("a good config", () => {
  it("gives the accounts with their names, settings and credentials", () => {
    const [codex, datadog] = read({
      accounts: [
        {
          id: "62f44730-dd91-461e-bd6a-aedd9e0ad79d",
          provider: "openai_codex",
          name: "Codex of the robots team",
          workspace_id: "ws-1",
          credentials: { api_key: SECRET },
        },
        { ...DATADOG, site: "datadoghq.eu" },
      ],
      http: { tokens: [] },
    });
    expect(codex).toMatchObject({ name: "Codex of the robots team", settings: { workspace_id: "ws-1" } });
    expect(datadog).toMatchObject({ id: "datadog", name: "Datadog", settings: { site: "datadoghq.eu" } });
    expect(datadog?.credentials["application_key"]?.reveal()).toBe(SECRET);
    expect(datadog && "baseUrl" in datadog).toBe(false);
  });

  it("shows its credentials to nobody who doesn't ask for them by name", () => {
    const accounts = read({ accounts: [CURSOR, CONFLUENT, DATADOG] });
    const said = [
      JSON.stringify(accounts),
      inspect(accounts, { depth: 20, showHidden: true }),
      accounts.map(({ credentials }) => `${Object.values(credentials)}`).join(),
    ].join("\n");
    expect(said).not.toContain(SECRET);
  });

  it.each([
    ["https://gateway.example", "https://gateway.example"],
    ["https://gateway.example/team/confluent/", "https://gateway.example/team/confluent"],
    ["https://gateway.example:8443/a", "https://gateway.example:8443/a"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://127.8.9.10", "http://127.8.9.10"],
    ["http://localhost:3000/", "http://localhost:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"],
    ["HTTP://LOCALHOST:3000", "http://localhost:3000"],
  ])("may lead an account to %s", (base_url, taken) => {
    expect(read({ accounts: [{ ...CONFLUENT, base_url }] })[0]?.baseUrl).toBe(taken);
  });

  it.each(DATADOG_SITES)("may name the Datadog site %s", (site) => {
    expect(read({ accounts: [{ ...DATADOG, site }] })[0]?.settings).toEqual({ site });
  });

  it("takes a variable anywhere in a text, more than one, and spaces around its name", () => {
    const account = {
      ...CURSOR,
      name: `${variable("TEAM")} of ${variable(" COMPANY ")}`,
      credentials: { api_key: variable("KEY") },
    };
    const [read_] = readConfig({ accounts: [account] }, "test", { TEAM: "Data", COMPANY: "Acme", KEY: SECRET });
    expect(read_?.name).toBe("Data of Acme");
    expect(read_?.credentials["api_key"]?.reveal()).toBe(SECRET);
  });

  it("takes a variable's value as it is: nothing in it is read again", () => {
    const odd = `a${variable("HOME")}$&$1`;
    const account = { ...CURSOR, credentials: { api_key: variable("KEY") } };
    const [read_] = readConfig({ accounts: [account] }, "test", { KEY: odd });
    expect(read_?.credentials["api_key"]?.reveal()).toBe(odd);
  });

  it("is taken from the design as it stands there", () => {
    const accounts = [
      { id: "62f44730", provider: "claude", name: "Claude Enterprise", credentials: { api_key: variable("A") } },
      { id: "codex", provider: "openai_codex", credentials: { api_key: variable("A") } },
      { id: "cursor", provider: "cursor", credentials: { api_key: variable("A") } },
      { id: "confluent", provider: "confluent", credentials: { api_key: variable("A"), api_secret: variable("A") } },
      { ...DATADOG, site: "datadoghq.eu" },
    ];
    expect(read({ accounts }, { A: SECRET }).map(({ provider }) => provider)).toEqual([
      "claude",
      "openai_codex",
      "cursor",
      "confluent",
      "datadog",
    ]);
  });
});
