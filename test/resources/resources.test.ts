import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { PROVIDERS } from "../../src/accounts/account.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readResource } from "../../src/resources/catalogue.ts";
import { RESOURCE_FAMILIES, RESOURCES } from "../../src/resources/index.ts";
import { getCostSummary } from "../../src/tools/get-cost-summary.ts";
import { CHARGE_TYPES } from "../../src/usage/row.ts";
import { SandboxEngine } from "../contract/sandbox-engine.ts";

let sandbox: SandboxEngine;
beforeAll(async () => {
  sandbox = await SandboxEngine.start();
});
afterAll(() => sandbox.close());

const read = async (uri: string, engine: Engine = sandbox.engine) => (await readResource(engine, uri)).text;

/** A schema's paths as the unified page writes them: `charges[].amount`. */
function pathsOf(schema: unknown, prefix = ""): string[] {
  const { properties = {} } = z
    .looseObject({ properties: z.record(z.string(), z.unknown()).optional() })
    .parse(schema ?? {});
  return Object.entries(properties).flatMap(([name, member]) => {
    const { items } = z.looseObject({ items: z.unknown().optional() }).parse(member);
    const path = `${prefix}${name}`;
    return [path, ...(items === undefined ? pathsOf(member, `${path}.`) : pathsOf(items, `${path}[].`))];
  });
}

describe("usage://schema/row", () => {
  it("is a JSON Schema of 2020-12 with every field of the unified page", async () => {
    const page = z
      .object({ row_fields: z.array(z.object({ path: z.string() })) })
      .parse(JSON.parse(readFileSync(new URL("../reference/unified-usage.json", import.meta.url), "utf8")));
    const schema: unknown = JSON.parse(await read("usage://schema/row"));
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object" });
    expect(page.row_fields.length).toBe(88);
    expect(pathsOf(schema)).toEqual(expect.arrayContaining(page.row_fields.map(({ path }) => path)));
  });
});

describe("usage://support", () => {
  it("holds the README's table", async () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const [, table = ""] = /<!-- support table -->\n([\s\S]*?)\n<!-- \/support table -->/.exec(readme) ?? [];
    expect(table.split("\n").length).toBeGreaterThan(15);
    expect(await read("usage://support")).toContain(table);
  });

  it.each(PROVIDERS)("/%s is what describe_supported_params answers", async (provider) => {
    const { providers } = z
      .object({ providers: z.array(z.unknown()) })
      .parse(JSON.parse(await read(`usage://support/${provider}`)));
    expect(providers).toEqual(await sandbox.engine.describe({ provider }));
  });

  it("names the caller's accounts only", async () => {
    const engine = sandbox.engine.only(({ id }) => id === "codex");
    const text = await read("usage://support/openai_codex", engine);
    expect(text).toContain('"integrated_account_ids":["codex"]');
    expect(text).not.toContain('"openai"');
  });
});

describe("usage://glossary", () => {
  const terms = RESOURCE_FAMILIES.find(({ variable }) => variable === "term")?.values ?? [];

  it("explains every type of charge, every kind of tokens, and the words of answers", () => {
    const schema = readFileSync(new URL("../reference/unified-usage.json", import.meta.url), "utf8");
    const tokens = [...schema.matchAll(/"usage\.(tokens\.\w+)"/g)].map(([, path]) => path);
    expect(tokens.length).toBeGreaterThan(5);
    expect(terms).toEqual(expect.arrayContaining([...CHARGE_TYPES, ...tokens]));
    for (const term of ["gross", "unattributed", "partial", "data_as_of", "period", "estimate", "seat"])
      expect(terms).toContain(term);
  });

  it("holds every term, whose text is its own resource", async () => {
    const whole = await read("usage://glossary");
    for (const term of terms) {
      const text = await read(`usage://glossary/${term}`);
      expect(text).toMatch(new RegExp(`^\\*\\*${term.replaceAll(".", "\\.")}\\*\\*: [^\\n]{20,}\\.\\n$`));
      expect(whole).toContain(text.trim());
    }
    expect([...whole.matchAll(/^\*\*/gm)]).toHaveLength(terms.length);
  });

  it.each(["claude", "confluent"])(
    "is true of the numbers of %s: gross - discount + credit = net",
    async (provider) => {
      const args = { period: "2026-10", providers: [provider] };
      const answer = await getCostSummary.run(sandbox.engine, args, { signal: new AbortController().signal });
      const amounts = z.looseObject({
        net: z.number(),
        gross: z.number(),
        discount: z.number(),
        credit: z.number().default(0),
      });
      const [{ net, gross, discount, credit }] = z.tuple([amounts]).parse(answer["totals"]);
      expect(discount).toBeGreaterThan(0);
      expect(gross - discount + credit).toBeCloseTo(net, 6);
      expect(await read("usage://glossary/gross")).toContain("gross - discount + credit = net");
    },
  );
});

describe("an address that is none", () => {
  it.each([
    ["usage://glossary/nett", /^term: the glossary has no 'nett'; it has net, .* Did you mean 'net'\?$/],
    ["usage://support/cursr", /^provider: there is no provider 'cursr'.* Did you mean 'cursor'\?$/],
    ["usage://suport", /^uri: there is no resource 'usage:\/\/suport'; there are usage:\/\/support, /],
    ["usage://glossary/net/more", /there is no resource/],
    ["usage://support/constructor", /there is no provider 'constructor'/],
    ["usage://glossary/__proto__", /the glossary has no '__proto__'/],
    ["file:///etc/passwd", /there is no resource/],
    ["", /there is no resource ''/],
  ])("%s", async (uri, message) => {
    await expect(read(uri)).rejects.toMatchObject({
      kind: "question",
      details: { not_found: true },
      message: expect.stringMatching(message),
    });
  });

  it("does not stand in any list", () => {
    for (const { uri } of RESOURCES) expect(uri).toMatch(/^usage:\/\/[a-z]+(?:\/[a-z]+)?$/);
  });
});
