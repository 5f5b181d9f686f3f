import fc from "fast-check";
import { stringify } from "qs";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { readRestQuery } from "../../../src/fronts/rest/query.ts";
import { parseQueryString } from "../../../src/fronts/rest/query-string.ts";
import { querySchema } from "../../../src/usage/query.ts";

const read = (search: string) => readRestQuery(search).query;

function refusalOf(search: string): UsageError {
  try {
    read(search);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error(`it should have been refused: ${search.slice(0, 100)}`);
}

const FORMAT = { truto_response_format: "unified" };

describe("every parameter in the encoding of its kind", () => {
  it.each([
    ["report_type=cost", { report_type: "cost" }],
    ["start_date=2026-10-01T00%3A00%3A00Z", { start_date: "2026-10-01T00:00:00Z" }],
    ["start_date=2026-10-01T00:00:00%2B02:00", { start_date: "2026-10-01T00:00:00+02:00" }],
    ["end_date=2026-11-01", { end_date: "2026-11-01" }],
    ["product_ids[]=a", { product_ids: ["a"] }],
    ["user_ids[]=a@b.c", { user_ids: ["a@b.c"] }],
    ["model_ids[]=gpt-5", { model_ids: ["gpt-5"] }],
    ["surfaces[]=chat", { surfaces: ["chat"] }],
    ["group_by[]=user", { group_by: ["user"] }],
    ["granularity=hour", { granularity: "hour" }],
    ["sort_by=net", { sort_by: "net" }],
    ["sort_order=desc", { sort_order: "desc" }],
    ["include_deleted_users=false", { include_deleted_users: false }],
    ["limit=10", { limit: 10 }],
    ["cursor=u2.abc", { cursor: "u2.abc" }],
    ["date=2026-10-01", { date: "2026-10-01" }],
    ["user_id=user-1", { user_id: "user-1" }],
    ["api_key_id=key-1", { api_key_id: "key-1" }],
    ["page=2", { page: 2 }],
    ["page_size=50", { page_size: 50 }],
    [
      "integrated_account_id=62f44730-dd91-461e-bd6a-aedd9e0ad79d",
      { integrated_account_id: "62f44730-dd91-461e-bd6a-aedd9e0ad79d" },
    ],
    ["truto_response_format=raw", { truto_response_format: "raw" }],
    ["truto_key_by=id", { truto_key_by: "id" }],
    ["truto_ignore_limit=true", { truto_ignore_limit: true }],
    ["truto_ignore_remote_data=true", { truto_ignore_remote_data: true }],
    ["truto_exclude_fields[]=id&truto_exclude_fields[]=name", { truto_exclude_fields: ["id", "name"] }],
    ["remote_query[foo]=bar", { remote_query: { foo: "bar" } }],
    ["next_cursor=u2.abc", { next_cursor: "u2.abc" }],
    ["fresh=1", { fresh: true }],
  ])("%s", (search, expected) => {
    expect(read(search)).toEqual({ ...FORMAT, ...expected });
  });

  it("leaves none of them out", () => {
    const tried = new Set(Object.keys(querySchema.shape));
    const refused = Object.keys(querySchema.shape).filter((name) => {
      try {
        read(`${name}=`);
        return false;
      } catch {
        return true;
      }
    });
    expect(tried.size).toBe(28);
    expect(refused).toEqual([]);
  });
});

describe("lists", () => {
  it.each([
    "group_by[]=model&group_by[]=user",
    "group_by%5B%5D=model&group_by%5B%5D=user",
    "group_by[0]=model&group_by[1]=user",
    "group_by%5B0%5D=model&group_by%5b1%5d=user",
    "group_by[1]=user&group_by[0]=model",
    "group_by[3]=model&group_by[7]=user",
    "group_by[0]=model&group_by[0]=user",
    "group_by=model&group_by=user",
    "group_by=model&group_by[]=user",
    "group_by[]=model&&group_by[]=user&",
  ])("%s", (search) => {
    expect(read(search)).toEqual({ ...FORMAT, group_by: ["model", "user"] });
  });

  it("of one are written like a single value, too", () => {
    expect(read("group_by=model")).toEqual({ ...FORMAT, group_by: ["model"] });
  });

  it("with commas are lists of fields only: ids and names may hold commas", () => {
    expect(read("truto_exclude_fields=id,%20usage.tokens").truto_exclude_fields).toEqual(["id", "usage.tokens"]);
    expect(read("truto_exclude_fields[]=id,unit&truto_exclude_fields[]=user,id").truto_exclude_fields).toEqual([
      "id",
      "unit",
      "user",
    ]);
    expect(read("product_ids=Doe,%20Inc.").product_ids).toEqual(["Doe, Inc."]);
  });

  it("survive any encoder", () => {
    const texts = fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 20 });
    const formats = fc.constantFrom("indices" as const, "brackets" as const, "repeat" as const);
    fc.assert(
      fc.property(texts, formats, fc.boolean(), (user_ids, arrayFormat, encodeValuesOnly) => {
        const search = stringify({ user_ids }, { arrayFormat, encodeValuesOnly });
        expect(read(search).user_ids).toEqual(user_ids);
      }),
    );
  });
});

describe("numbers and flags", () => {
  it.each([
    ["true", true],
    ["True", true],
    ["TRUE", true],
    ["1", true],
    ["false", false],
    ["False", false],
    ["0", false],
  ])("%s is %s", (text, expected) => {
    expect(read(`truto_ignore_limit=${text}`)).toEqual({ ...FORMAT, truto_ignore_limit: expected });
  });

  it.each([
    ["limit=ten", "limit: must be a number, not 'ten'."],
    ["limit=1e3", "limit: must be a number, not '1e3'."],
    ["limit=0x10", "limit: must be a number, not '0x10'."],
    ["limit=NaN", "limit: must be a number, not 'NaN'."],
    ["limit=Infinity", "limit: must be a number, not 'Infinity'."],
    [`limit=${"9".repeat(400)}`, `limit: must be a number, not '${"9".repeat(57)}...'.`],
    ["page=2,5", "page: must be a number, not '2,5'."],
    ["truto_ignore_limit=yes", "truto_ignore_limit: must be true or false, not 'yes'."],
  ])("%s is refused", (search, message) => {
    expect(refusalOf(search).message).toBe(message);
  });

  it.each([
    ["limit=10.0", 10],
    ["limit=%2B10", 10],
    ["limit=+10", 10],
    ["limit=-1", -1],
  ])("%s is %i", (search, limit) => {
    expect(read(search).limit).toBe(limit);
  });
});

describe("remote_query", () => {
  it.each([
    ["remote_query[foo]=bar&remote_query[list][0]=1", { foo: "bar", list: ["1"] }],
    ["remote_query%5Bfoo%5D=bar&remote_query%5Blist%5D%5B0%5D=1", { foo: "bar", list: ["1"] }],
    ["remote_query[list][]=1&remote_query[list][]=2", { list: ["1", "2"] }],
    ["remote_query[foo[bar]]=baz", { "foo[bar]": "baz" }],
    ["remote_query[foo][bar][baz]=1", { foo: { bar: { baz: "1" } } }],
    ["remote_query[q]=a=b]=c", { q: "a=b]=c" }],
    ["remote_query[q]=a%26b%3Dc", { q: "a&b=c" }],
    ["remote_query[empty]=", { empty: "" }],
    ["remote_query[a.b]=1", { "a.b": "1" }],
    ["remote_query[toString]=1", { toString: "1" }],
  ])("%s", (search, expected) => {
    expect(JSON.parse(JSON.stringify(read(search).remote_query))).toEqual(expected);
  });
});

describe("what is empty is absent", () => {
  it.each([
    "",
    "&",
    "next_cursor=",
    "next_cursor",
    "limit=",
    "group_by=",
    "group_by[]=",
    "group_by[0]=",
    "truto_exclude_fields=,",
    "truto_ignore_limit=",
    "remote_query=",
    "truto_super_query=",
  ])("'%s'", (search) => {
    expect(read(search)).toEqual(FORMAT);
  });

  it("even beside a value", () => {
    expect(read("limit=&limit=5")).toEqual({ ...FORMAT, limit: 5 });
  });
});

describe("cursors", () => {
  it("next_cursor wins", () => {
    expect(read("cursor=a&next_cursor=b")).toEqual({ ...FORMAT, next_cursor: "b" });
    expect(read("cursor=a&next_cursor=")).toEqual({ ...FORMAT, cursor: "a" });
    expect(read("page=1&page_size=5&next_cursor=b")).toEqual({ ...FORMAT, page_size: 5, next_cursor: "b" });
    expect(read("page=2&page_size=5&next_cursor=")).toEqual({ ...FORMAT, page: 2, page_size: 5 });
  });
});

describe("a query that can't be read", () => {
  it.each<[string, string, RegExp]>([
    ["an unknown name", "limt=5", /^limt: there is no such parameter\. Did you mean 'limit'\?/],
    ["a name in other letters", "Limit=5", /^Limit: there is no such parameter\. Did you mean 'limit'\?/],
    ["an unknown list", "groupby[]=model", /^groupby: .* Did you mean 'group_by'\?/],
    [
      "what the platform reads elsewhere",
      "truto_super_query=wnam",
      /^truto_super_query: it reads data that was synced/,
    ],
    ["what is for writes", "truto_body_passthrough[a]=1", /^truto_body_passthrough: it is about request bodies/],
    ["a scalar twice", "limit=5&limit=6", /^limit: it is given twice, as '5' and as '6'/],
    [
      "a scalar as an object",
      "start_date[gte]=2026-10-01",
      /^start_date: it takes one value, start_date=\.\.\.; '\{"gte":"2026-10-01"\}' is none/,
    ],
    ["a scalar both ways", "limit=5&limit[a]=6", /^limit: it takes one value/],
    ["a list as an object", "group_by[a]=model", /^group_by: it is a list of texts/],
    ["a list of objects", "group_by[0][a]=model", /^group_by: it is a list of texts/],
    ["a list open at its end", "group_by[0=model", /^group_by: in 'group_by\[0' the brackets don't match/],
    ["text behind a bracket", "remote_query[view]all=1", /^remote_query: in 'remote_query\[view\]all' the brackets/],
    ["text between brackets", "remote_query[a]b%5Bc%5D=1", /^remote_query: in 'remote_query\[a\]b\[c\]' the brackets/],
    ["a bracket too many", "group_by[0]]=model", /^group_by: in 'group_by\[0\]\]' the brackets don't match/],
    ["an object as a text", "remote_query=foo", /^remote_query: must be a/],
    ["an object as a list", "remote_query[]=foo", /^remote_query: must be a/],
    ["too deep", "remote_query[a][b][c][d][e][f]=1", /^remote_query: it is nested more than 5 levels deep/],
    ["far too deep", `remote_query${"[a]".repeat(4000)}=1`, /^remote_query: it is nested more than 5 levels/],
    ["an index far out", "group_by[99999]=model", /^group_by: .* more than 500 values \(or an index beyond that\)/],
    [
      "10,000 items",
      `x=1${"&user_ids[]=a".repeat(10_000)}`,
      /^user_ids: with it the query holds more than 500 parameters/,
    ],
    [
      "10,000 names",
      Array.from({ length: 10_000 }, (_, i) => `p${i}=1`).join("&"),
      /^p500: with it the query holds more than/,
    ],
    [
      "10,000 items behind commas",
      `truto_exclude_fields=${"id,".repeat(10_000)}`,
      /^truto_exclude_fields: it holds more than 500/,
    ],
    ["a prototype", "__proto__=1", /^__proto__: there is no such parameter as '__proto__'/],
    ["a prototype's field", "__proto__[polluted]=1", /^__proto__: there is no such parameter/],
    ["a prototype, encoded", "%5F%5Fproto%5F%5F[polluted]=1", /^__proto__: there is no such parameter/],
    [
      "a prototype inside",
      "remote_query[__proto__][polluted]=1",
      /^remote_query: there is no such parameter as '__proto__'/,
    ],
    [
      "a prototype inside, encoded",
      "remote_query[%5F_proto__]=1",
      /^remote_query: there is no such parameter as '__proto__'/,
    ],
    ["a prototype further inside", "remote_query[a][__proto__]=1", /^remote_query: there is no such parameter/],
    [
      "a constructor",
      "constructor[prototype][polluted]=1",
      /^constructor: there is no such parameter as 'constructor'/,
    ],
    [
      "a constructor inside",
      "remote_query[constructor]=1",
      /^remote_query: there is no such parameter as 'constructor'/,
    ],
    ["a name of every object", "toString=1", /^toString: there is no such parameter/],
    ["a list's own name", "group_by[length]=1", /^group_by: it is a list of texts/],
    ["a broken percent", "sort_by=%zz", /^sort_by: '%zz' is not percent-encoded UTF-8/],
    ["a cut percent", "sort_by=net%", /^sort_by: 'net%' is not percent-encoded UTF-8/],
    ["bytes that are no UTF-8", "sort_by=%ff%fe", /^sort_by: '%ff%fe' is not percent-encoded UTF-8/],
    ["a lone surrogate", "sort_by=%ED%A0%80", /^sort_by: .* is not percent-encoded UTF-8/],
    ["a broken name", "%zz=1", /^%zz: '%zz' is not percent-encoded UTF-8/],
    ["a broken name inside", "remote_query[%zz]=1", /^remote_query: .* is not percent-encoded UTF-8/],
    ["no name", "=5", /holds '=5', which has no name/],
    ["brackets without a name", "[a]=5", /holds '\[a\]=5', which has no name/],
    ["an enum's stranger", "report_type=costs", /^report_type: 'costs' is not one of .* Did you mean 'cost'\?/],
  ])("%s", (_what, search, message) => {
    const error = refusalOf(search);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ kind: "question" });
    expect(error.message.length).toBeLessThan(800);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

const LONGEST = 16_384;

function filled(part: (index: number) => string): string {
  let text = "";
  for (let index = 0; text.length < LONGEST; index++) text += part(index);
  return text.slice(0, LONGEST);
}

describe("16 KB of any shape are read or refused at once", () => {
  const shapes: [string, string][] = [
    ["one list", filled(() => "user_ids[]=a&")],
    ["one list, encoded", filled(() => "user_ids%5B%5D=a&")],
    ["one list, long values", filled((i) => `user_ids[]=user-number-${i}@company.example&`)],
    ["one list, indexed", filled((i) => `user_ids[${i}]=aaaaaaaaaaaaaaaaaaaaaaaaa&`)],
    ["one list, indexed from its end", filled((i) => `user_ids[${499 - i}]=aaaaaaaaaaaaaaaaaaaaaaaaa&`)],
    [
      "one list, every way",
      filled((i) => `${["user_ids", "user_ids[]", `user_ids[${i}]`][i % 3]}=aaaaaaaaaaaaaaaaaaaaaaaaa&`),
    ],
    ["one name", filled(() => "k=a&")],
    ["many names", filled((i) => `p${i}=1&`)],
    ["names of objects", filled((i) => `remote_query[parameter_number_${i}]=1&`)],
    ["names of nested objects", filled((i) => `remote_query[a][b][c][d][${i}]=1&`)],
    [
      "texts and objects in turn",
      filled((i) => (i % 2 ? "remote_query[aaaaaaaaaaaa]=1&" : "remote_query[aaaaaaaaaaaa][b]=1&")),
    ],
    ["opening brackets", `remote_query${"[".repeat(LONGEST)}`],
    ["closing brackets", `remote_query${"]".repeat(LONGEST)}=1`],
    ["brackets in brackets", `remote_query[${"[".repeat(8000)}${"]".repeat(8000)}]=1`],
    ["levels", `remote_query${"[a]".repeat(5000)}=1`],
    ["ampersands", "&".repeat(LONGEST)],
    ["equals signs", "=".repeat(LONGEST)],
    ["percent signs", "%".repeat(LONGEST)],
    ["plus signs", `sort_by=${"+".repeat(LONGEST)}`],
    ["commas", `truto_exclude_fields=${",".repeat(LONGEST)}`],
    ["fields", `truto_exclude_fields=${filled(() => "id,")}`],
    ["a number", `limit=${"9".repeat(LONGEST)}`],
    ["blanks before a number", `limit=${"+".repeat(LONGEST)}x`],
    ["a name", `${"a".repeat(LONGEST)}=1`],
    ["a value", `cursor=${"a".repeat(LONGEST)}`],
    ["a value that grows when decoded", `cursor=${filled(() => "%F0%9F%98%80")}`],
  ];

  it.each(shapes)("%s", (_what, search) => {
    // Once to warm up, then the best of three: other work on the machine must not count.
    const times = Array.from({ length: 4 }, () => {
      const started = performance.now();
      try {
        read(search);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
      return performance.now() - started;
    });
    expect(Math.min(...times.slice(1))).toBeLessThan(50);
  });

  it("never anything but a query or a refusal, whatever is sent", () => {
    const piece = fc.constantFrom(
      "remote_query",
      "limit",
      "group_by",
      "[",
      "]",
      "%5B",
      "%5D",
      "=",
      "&",
      "0",
      "a",
      "%",
      "%C3",
      ",",
      "__proto__",
      "+",
      ".",
      "constructor",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          for (const value of parseQueryString(pieces.join("")).values()) expect(value).toBeDefined();
          read(pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
