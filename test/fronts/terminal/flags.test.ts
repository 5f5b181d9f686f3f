import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addParameterFlags, givenArguments } from "../../../src/fronts/terminal/flags.ts";
import { nextCommand } from "../../../src/fronts/terminal/next-command.ts";
import { costSummarySchema } from "../../../src/tools/get-cost-summary.ts";
import { querySchema } from "../../../src/usage/query.ts";

function command(schema: Parameters<typeof addParameterFlags>[1], account: string): Command {
  const made = new Command("usage").exitOverride().configureOutput({ outputError: () => {} });
  addParameterFlags(made, schema, {}, account);
  return made;
}

function read(...args: string[]): Record<string, unknown> {
  const usage = command(querySchema, "integrated_account_id");
  usage.parse(args, { from: "user" });
  return givenArguments(usage, querySchema);
}

describe("flags", () => {
  it.each([
    [querySchema, "integrated_account_id"],
    [costSummarySchema, "integrated_account_ids"],
  ])("there is one for every parameter, with - and with _", (schema, account) => {
    const flags = command(schema, account).options.map(({ long }) => long);
    for (const name of Object.keys(schema.shape)) {
      expect(flags).toContain(`--${name}`);
      expect(flags).toContain(`--${name.replaceAll("_", "-")}`);
    }
  });

  it("read what a parameter is", () => {
    expect(
      read(
        ...["-a", "confluent", "--start_date", "2026-10-01", "--limit", "5", "--truto-ignore-limit"],
        ...["--include-deleted-users=false", "--product-ids", "KAFKA,CONNECT", "--product_ids", "one\\, two"],
      ),
    ).toEqual({
      integrated_account_id: "confluent",
      start_date: "2026-10-01",
      limit: 5,
      truto_ignore_limit: true,
      include_deleted_users: false,
      product_ids: ["KAFKA", "CONNECT", "one, two"],
    });
  });

  it("leave what they can't read to the check that every front has", () => {
    expect(read("--limit", "many", "--truto-ignore-limit=maybe")).toEqual({
      limit: "many",
      truto_ignore_limit: "maybe",
    });
  });

  it("take the vendor's own parameters as key=value, lists as key[]=value", () => {
    expect(
      read(
        ...["--remote-query", "view=sub-org", "--remote-query", "filter[month]=a=b"],
        ...["--remote-query", "id[]=1", "--remote-query", "id[]=2"],
      ),
    ).toEqual({ remote_query: { view: "sub-org", "filter[month]": "a=b", id: ["1", "2"] } });
    expect(() => read("--remote-query", "view")).toThrow(/'view' is not key=value/);
    expect(() => read("--remote-query", "a=1", "--remote-query", "a=2")).toThrow(/a is given twice/);
  });

  it("refuse an empty value: it is a variable that was not set, not the wish for everything", () => {
    expect(() => read("--product-ids", "")).toThrow(/product_ids: its value is empty/);
    expect(() => read("--start-date", " ")).toThrow(/start_date: its value is empty/);
  });
});

describe("the command for the next page", () => {
  it("asks the same with the cursor, and reads back as the same arguments", () => {
    const args = read(
      ...["-a", "it's mine", "--product-ids", "a\\,b,c", "--truto-ignore-remote-data=false", "--page", "2"],
      ...["--remote-query", "filter[x]=1", "--remote-query", "id[]=7", "--truto-ignore-limit"],
    );
    const text = nextCommand({ sandbox: true }, args, "csv", "u2.abc");
    expect(text).toBe(
      "usage-mcp --sandbox usage -a 'it'\\''s mine' --product-ids 'a\\,b,c' --truto-ignore-limit --truto-ignore-remote-data=false --remote-query 'filter[x]=1' --remote-query 'id[]=7' -o csv --cursor u2.abc",
    );
    const { page: _, ...rest } = args;
    const words = ["-a", "it's mine", "--product-ids", "a\\,b,c", "--truto-ignore-limit"];
    expect(
      read(...words, "--truto-ignore-remote-data=false", "--remote-query", "filter[x]=1", "--remote-query", "id[]=7"),
    ).toEqual(rest);
  });
});
