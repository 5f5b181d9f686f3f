import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { CursorCodec, type CursorScope, type CursorState, fingerprint } from "../../src/usage/cursor.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22, 12);
const KEY = "k3y-of-the-test";

function codec(key = KEY): CursorCodec {
  return new CursorCodec((account) => createHmac("sha256", key).update(account).digest());
}

const SCOPE: CursorScope = { account: "confluent", query: fingerprint({ report: "cost" }) };
const STATE: CursorState = {
  now: NOW,
  period: { start: Date.UTC(2026, 8, 1), end: Date.UTC(2026, 11, 1) },
  position: { start: "2026-10-01", end: "2026-11-01" },
  offset: 17,
  last: ["row-17", "2026-10-01T00:00:00Z"],
};

/** The error of reading a cursor, which must be the caller's to mend and name the parameter. */
function refusal(text: string, scope = SCOPE, now = NOW, reader = codec()): string {
  try {
    reader.read(scope, text, now);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    if (!(error instanceof UsageError)) throw error;
    expect([error.kind, error.details.parameter]).toEqual(["question", "cursor"]);
    expect(error.message).toMatch(/^cursor: /);
    return error.message;
  }
  throw new Error("it was accepted");
}

describe("a cursor", () => {
  it("comes back as it was written", () => {
    expect(codec().read(SCOPE, codec().write(SCOPE, STATE), NOW)).toEqual(STATE);
  });

  it("comes back without a last row when there was none", () => {
    const { last: _, ...state } = STATE;
    expect(codec().read(SCOPE, codec().write(SCOPE, state), NOW)).toEqual(state);
  });

  it("comes back whatever it holds", () => {
    const instant = fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 });
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        name,
        name,
        fc.record({
          now: fc.constant(NOW),
          period: fc.record({ start: instant, end: instant }),
          position: fc.oneof(
            fc.constant(null),
            fc.dictionary(fc.string({ maxLength: 9 }), fc.string({ maxLength: 40 })),
          ),
          offset: fc.nat(1_000_000),
          last: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
        }),
        (account, query, state) => {
          const scope = { account, query: fingerprint(query) };
          const found = codec().read(scope, codec().write(scope, state), NOW);
          expect(JSON.stringify(found)).toBe(JSON.stringify(state));
        },
      ),
    );
  });

  it("is text that any transport carries", () => {
    expect(codec().write(SCOPE, STATE)).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  it("resumes on another instance with the same key", () => {
    const [one, other] = [codec("shared"), codec("shared")];
    expect(other.read(SCOPE, one.write(SCOPE, STATE), NOW)).toEqual(STATE);
  });

  it("is refused by an instance with another key", () => {
    expect(refusal(codec("another").write(SCOPE, STATE))).toContain("damaged");
  });

  it("is refused for another account", () => {
    const other = { ...SCOPE, account: "confluent-2" };
    expect(refusal(codec().write(SCOPE, STATE), other)).toContain("another account");
    expect(refusal(codec().write(other, STATE))).toContain("another account");
  });

  it("is refused for another account though all accounts have one key", () => {
    const shared = new CursorCodec(() => Buffer.from("one key for all"));
    expect(refusal(shared.write(SCOPE, STATE), { ...SCOPE, account: "other" }, NOW, shared)).toContain(
      "another account",
    );
  });

  it("is refused for another query, and says so", () => {
    const other = { ...SCOPE, query: fingerprint({ report: "usage" }) };
    expect(refusal(codec().write(SCOPE, STATE), other)).toContain("another query");
  });

  it("lives 24 hours and no longer", () => {
    const text = codec().write(SCOPE, STATE);
    expect(codec().read(SCOPE, text, NOW + 24 * HOUR)).toEqual(STATE);
    expect(refusal(text, SCOPE, NOW + 24 * HOUR + 1)).toContain("expired");
  });

  it("is refused once any character of it is another", () => {
    const text = codec().write(SCOPE, STATE);
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \n"];
    // The last character apart: the next test has all of its replacements.
    fc.assert(
      fc.property(fc.nat(text.length - 2), fc.constantFrom(...letters), (at, letter) => {
        fc.pre(text[at] !== letter);
        refusal(`${text.slice(0, at)}${letter}${text.slice(at + 1)}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("is refused with another last character", () => {
    const text = codec().write(SCOPE, STATE);
    const accepted = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].filter((letter) => {
      if (text.endsWith(letter)) return false;
      try {
        codec().read(SCOPE, `${text.slice(0, -1)}${letter}`, NOW);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted).toEqual([]);
  });

  it("is refused with anything behind it", () => {
    const accepted = ["=", "==", "!", " ", "\n", "%00", ".", "A"].filter((more) => {
      try {
        codec().read(SCOPE, `${codec().write(SCOPE, STATE)}${more}`, NOW);
        return true;
      } catch {
        return false;
      }
    });
    expect(accepted).toEqual([]);
  });

  it("is refused when cut anywhere", () => {
    const text = codec().write(SCOPE, STATE);
    for (let length = 0; length < text.length; length++) refusal(text.slice(0, length));
  });

  it.each([
    ["nothing", ""],
    ["dots", ".."],
    ["words", "next please"],
    ["a number", "100"],
    ["an unsigned payload", `u1.${Buffer.from("[]").toString("base64url")}.`],
    [
      "a payload signed with zeros",
      `u1.${Buffer.from("[]").toString("base64url")}.${Buffer.alloc(16).toString("base64url")}`,
    ],
    ["no JSON", `u1.bm90IGpzb24.${Buffer.alloc(16).toString("base64url")}`],
    ["more parts", `${codec().write(SCOPE, STATE)}.x`],
    ["another version", codec().write(SCOPE, STATE).replace(/^u1/, "u2")],
    ["a vendor's own token", "eyJ2ZXIiOjEsImFsZyI6Im5vbmUifQ.e30."],
    ["a megabyte", `u1.${"A".repeat(1_000_000)}.AAAA`],
    ["letters beyond ASCII", "u1.é.☃"],
  ])("that is %s is refused", (_what, text) => {
    refusal(text);
  });

  it("is refused with the tag of another cursor", () => {
    const [, payload] = codec().write(SCOPE, STATE).split(".");
    const [, , tag] = codec()
      .write(SCOPE, { ...STATE, offset: 0 })
      .split(".");
    refusal(`u1.${payload}.${tag}`);
  });

  it("shows no more than period, position and marks: no key, no account, no URL", () => {
    const scope = { account: "acct-9f2", query: fingerprint({ product_ids: ["secret-project"] }) };
    const text = codec().write(scope, STATE);
    const open = Buffer.from(text.split(".")[1] ?? "", "base64url").toString();
    expect(JSON.parse(open)).toEqual(expect.arrayContaining([STATE.offset, STATE.position]));
    for (const hidden of [KEY, "acct-9f2", "secret-project", "http", "://", "api."]) expect(open).not.toContain(hidden);
  });
});

describe("fingerprint", () => {
  it("does not depend on the order of keys, nor on absent members", () => {
    expect(fingerprint({ a: 1, b: { c: [1, 2], d: null } })).toBe(
      fingerprint({ b: { d: null, c: [1, 2] }, a: 1, e: undefined }),
    );
  });

  it.each([
    [
      ["a", "b"],
      ["b", "a"],
    ],
    [["a,b"], ["a", "b"]],
    [{ a: "1" }, { a: 1 }],
    [{ a: null }, {}],
    [[undefined, "x"], ["x"]],
    ["", null],
    [[], {}],
    [{ "a.b": 1 }, { a: { b: 1 } }],
  ])("tells %j from %j", (a, b) => {
    expect(fingerprint(a)).not.toBe(fingerprint(b));
  });
});
