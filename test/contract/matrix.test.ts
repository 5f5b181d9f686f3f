import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { PROVIDERS, type ProviderId } from "../../src/accounts/account.ts";
import { UsageError } from "../../src/errors.ts";
import { supportOf } from "../../src/providers/index.ts";
import { QUERY_PARAMS, type Query, type QueryParam } from "../../src/usage/query.ts";
import { REPORT_TYPES } from "../../src/usage/report.ts";
import { failure } from "../providers/edge.ts";
import { PROBES } from "./probes.ts";
import { SandboxEngine } from "./sandbox-engine.ts";

/** The support matrix of the unified usage-metering page, as it is published. */
const page = z
  .object({
    query_params: z.array(z.object({ name: z.string(), support: z.record(z.string(), z.string()) })),
    row_fields: z.array(z.object({ path: z.string(), support: z.array(z.string()).optional() })),
  })
  .parse(JSON.parse(readFileSync(new URL("../reference/unified-usage.json", import.meta.url), "utf8")));

const FIELD_PATHS = page.row_fields.map(({ path }) => path);

function marked(name: QueryParam, provider: ProviderId): boolean {
  return page.query_params.some((param) => param.name === name && Object.hasOwn(param.support, provider));
}

let sandbox: SandboxEngine;
beforeAll(async () => {
  sandbox = await SandboxEngine.start();
});
afterAll(() => sandbox.close());

describe("the page's parameters, vendor by vendor", () => {
  const cells = new Map<string, string>();
  const cases = PROVIDERS.flatMap((provider) =>
    QUERY_PARAMS.filter((name) => name !== "cursor").map((name) => ({ provider, name })),
  );

  it.each(cases)("$provider: $name", async ({ provider, name }) => {
    const shown = PROBES[provider][name];
    const cell = (how: string) => cells.set(`${provider} ${name}`, `${how}${marked(name, provider) ? " *" : ""}`);
    if ("refused" in shown) {
      expect(marked(name, provider), "the page marks it as supported").toBe(false);
      const error = await failure(sandbox.list(shown.query));
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({ kind: "question", message: expect.stringMatching(shown.refused) });
      cell("error");
      return;
    }
    const probe = await sandbox.list(shown.query);
    expect(probe.answer.warnings.filter((warning) => /not (supported|followed)/.test(warning))).toEqual([]);
    if ("wire" in shown) {
      expect(probe.wire.join("\n")).toMatch(shown.wire);
      cell("wire");
    } else {
      const without: Query = { ...shown.query };
      delete without[name];
      const { page_size: _size, ...pageless } = without;
      shown.rows(probe, await sandbox.list(name.startsWith("page") ? { ...pageless, limit: 100 } : without));
      cell("rows");
    }
  });

  it.each(PROVIDERS)("%s: cursor", async (provider) => {
    const { query } = PROBES[provider].page;
    const { page: _page, page_size: _size, ...rest } = query;
    const first = await sandbox.list({ ...rest, limit: 3 });
    const cursor = first.answer.next_cursor;
    if (cursor === null) throw new Error("there is more than a page");
    const second = await sandbox.list({ ...rest, limit: 3, cursor });
    const both = await sandbox.list({ ...rest, limit: 6 });
    expect([...first.rows, ...second.rows]).toEqual(both.rows);
    cells.set(`${provider} cursor`, `rows${marked("cursor", provider) ? " *" : ""}`);
  });

  afterAll(() => {
    console.info(
      `Shown on the wire, on the rows, or as an error; * marked by the page\n${table([
        ["", ...PROVIDERS],
        ...QUERY_PARAMS.map((name) => [name, ...PROVIDERS.map((provider) => cells.get(`${provider} ${name}`) ?? "?")]),
      ])}`,
    );
  });
});

describe("the page's row fields, vendor by vendor", () => {
  /** Paths of fields, by vendor, and by account and report. */
  const carried = new Map<string, Set<string>>();

  beforeAll(async () => {
    for (const account of sandbox.engine.accounts) {
      const { reports } = supportOf(account);
      for (const report_type of REPORT_TYPES.filter((type) => reports[type])) {
        const dates =
          account.provider === "datadog"
            ? { start_date: "2026-09-01", end_date: "2026-11-01" }
            : { start_date: "2026-10-12", end_date: "2026-10-17" };
        const { rows } = await sandbox.list(
          { integrated_account_id: account.id, report_type, ...dates, truto_ignore_limit: true },
          true,
        );
        for (const key of [account.provider, `${account.id} ${report_type}`]) {
          const paths = carried.get(key) ?? new Set();
          for (const row of rows) for (const path of FIELD_PATHS) if (has(row, path)) paths.add(path);
          carried.set(key, paths);
        }
      }
    }
  }, 120_000);

  it.each(page.row_fields.flatMap(({ path, support = [] }) => support.map((provider) => ({ path, provider }))))(
    "$provider: a row that carries $path",
    ({ path, provider }) => {
      expect(carried.get(provider)).toContain(path);
    },
  );

  it("has a row for every field of the page", () => {
    const everywhere = new Set(PROVIDERS.flatMap((provider) => [...(carried.get(provider) ?? [])]));
    expect(FIELD_PATHS.filter((path) => !everywhere.has(path))).toEqual([]);
    expect(FIELD_PATHS).toHaveLength(88);
    console.info(
      table([
        ["", ...PROVIDERS],
        ...FIELD_PATHS.map((path) => [
          path,
          ...PROVIDERS.map((provider) => {
            const on = page.row_fields.find((field) => field.path === path)?.support?.includes(provider);
            return `${carried.get(provider)?.has(path) ? "row" : "-"}${on ? " *" : ""}`;
          }),
        ]),
      ]),
    );
  });

  it("carries no field that describe_supported_params does not name", () => {
    for (const account of sandbox.engine.accounts) {
      for (const report_type of REPORT_TYPES) {
        const report = supportOf(account).reports[report_type];
        const paths = [...(carried.get(`${account.id} ${report_type}`) ?? [])];
        expect(
          paths.filter((path) => !report?.fields.includes(path)),
          `${account.id} ${report_type}`,
        ).toEqual([]);
      }
    }
  });
});

/** Whether a row has something at a path; through a list, in any of its items. */
function has(value: unknown, path: string): boolean {
  const [name = "", ...rest] = path.replaceAll("[]", "").split(".");
  if (Array.isArray(value)) return value.some((item: unknown) => has(item, path));
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return false;
  const member: unknown = Reflect.get(value, name);
  if (member === undefined || member === null) return false;
  return rest.length === 0 || has(member, rest.join("."));
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
