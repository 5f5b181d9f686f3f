import { describe, expect, it } from "vitest";
import { nextCommand } from "../../../src/fronts/terminal/next-command.ts";
import {
  answerOf,
  type Ended,
  listAnswer,
  nextCommandIn,
  parseCsv,
  parseJson,
  parseLines,
  parseTable,
  shell,
} from "./cli.ts";

const ASKED = [
  ...["usage", "-a", "confluent", "--start_date", "2026-10-14", "--end-date", "2026-10-16"],
  ...["--product-ids", "KAFKA,Custom Connectors", "--limit", "20"],
];

/** The pages of a question: what it printed, and what each printed command gave. */
async function pagesOf(args: readonly string[]): Promise<Ended[]> {
  const pages = [await answerOf(args)];
  for (let next = nextCommandIn(pages[0]?.stderr ?? ""); next !== undefined && pages.length < 10; ) {
    const page = await shell(next);
    expect(page).toMatchObject({ code: 0 });
    pages.push(page);
    next = nextCommandIn(page.stderr);
  }
  return pages;
}

describe("the command that is printed for the next page", () => {
  it.each<[string, (page: Ended) => unknown[]]>([
    ["table", ({ stdout }) => parseTable(stdout)],
    ["csv", ({ stdout }) => parseCsv(stdout).map((row) => row["id"])],
    ["ndjson", ({ stdout }) => parseLines(stdout).map((row) => row["id"])],
  ])("gives all rows, page by page, in the same format: %s", async (format, read) => {
    const [pages, whole] = await Promise.all([
      pagesOf([...ASKED, "-o", format]),
      answerOf([...ASKED.slice(0, -1), "1000", "-o", format]),
    ]);
    expect(pages.length).toBeGreaterThan(2);
    const rows = pages.map(read);
    expect(rows.map((own) => own.length).slice(0, -1)).toEqual(rows.slice(0, -1).map(() => 20));
    if (format === "table") expect(rows.flat()).toHaveLength(read(whole).length);
    else expect(rows.flat()).toEqual(read(whole));
  });

  it("works with what a shell would take apart", async () => {
    const pages = await pagesOf([
      ...["usage", "-a", "datadog", "--start-date", "2026-10-01", "--limit", "10", "-o", "ndjson"],
      ...["--product-ids", 'infra_host,apm_host,Indexed Logs (15 Day Retention),it\'s $HOME; `x` \\,"y"'],
      ...["--remote-query", "view=sub-org", "--truto-exclude-fields", "charges", "--sort-by", "product"],
      ...["--limit", "4"],
    ]);
    const rows = pages.flatMap(({ stdout }) => parseLines(stdout));
    expect(pages).toHaveLength(3);
    expect(rows).toHaveLength(9);
    expect(new Set(rows.map((row) => row["id"])).size).toBe(9);
    expect(rows.some((row) => "charges" in row)).toBe(false);
  });

  it("is not printed for json, whose next_cursor both spellings of the flag take", async () => {
    const first = await answerOf([...ASKED, "-o", "json"]);
    expect(nextCommandIn(first.stderr)).toBeUndefined();
    const cursor = listAnswer.parse(parseJson(first.stdout)).next_cursor ?? "";
    const [second, other] = await Promise.all(
      ["--cursor", "--next_cursor"].map((flag) => answerOf([...ASKED, "-o", "json", flag, cursor])),
    );
    expect(second?.stdout).toBe(other?.stdout);
    expect(listAnswer.parse(parseJson(second?.stdout ?? "")).result).toHaveLength(20);
  });

  it("is not printed on the last page", async () => {
    expect(nextCommandIn((await answerOf(["usage", "-a", "datadog", "--limit", "1000"])).stderr)).toBeUndefined();
  });
});

describe("a next command's words", () => {
  it.each<[string, Parameters<typeof nextCommand>[1], string]>([
    ["texts", { integrated_account_id: "a b", sort_by: "net" }, "-a 'a b' --sort-by net"],
    ["a quote", { user_ids: ["O'Neil"] }, "--user-ids 'O'\\''Neil'"],
    ["lists, whose commas are kept apart", { product_ids: ["a,b", "c"] }, "--product-ids 'a\\,b,c'"],
    [
      "booleans",
      { include_deleted_users: true, truto_ignore_remote_data: false },
      "--include-deleted-users --truto-ignore-remote-data=false",
    ],
    ["numbers", { limit: 20 }, "--limit 20"],
    [
      "pairs",
      { remote_query: { view: "sub-org", "a[b]": "1 2" } },
      "--remote-query view=sub-org --remote-query 'a[b]=1 2'",
    ],
    ["pairs with a list", { remote_query: { tag: ["x", "y"] } }, "--remote-query 'tag[]=x' --remote-query 'tag[]=y'"],
    ["no position of the page before", { cursor: "old", next_cursor: "old", page: 2, limit: 5 }, "--limit 5"],
  ])("are those of the question: %s", (_, args, words) => {
    expect(nextCommand({ sandbox: true }, args, "table", "u2.x-_y")).toBe(
      `usage-mcp --sandbox usage ${words} --cursor u2.x-_y`,
    );
  });

  it("name the config file and the format", () => {
    expect(nextCommand({ config: "my accounts.json" }, {}, "csv", "u1")).toBe(
      "usage-mcp --config 'my accounts.json' usage -o csv --cursor u1",
    );
  });
});
