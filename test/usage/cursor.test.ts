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
    ["an unsigned payload", `u2.${Buffer.from("[]").toString("base64url")}`],
    ["a payload tagged with zeros", `u2.${Buffer.concat([Buffer.alloc(28), Buffer.from("[]")]).toString("base64url")}`],
    ["no JSON", "u2.bm90IGpzb24"],
    ["more parts", `${codec().write(SCOPE, STATE)}.x`],
    ["another version", codec().write(SCOPE, STATE).replace(/^u2/, "u3")],
    ["a vendor's own token", "eyJ2ZXIiOjEsImFsZyI6Im5vbmUifQ.e30."],
    ["a megabyte", `u2.${"A".repeat(1_000_000)}`],
    ["letters beyond ASCII", "u2.é☃"],
  ])("that is %s is refused", (_what, text) => {
    refusal(text);
  });

  it("is refused with the nonce or the tag of another cursor", () => {
    const bytes = (state: CursorState) => Buffer.from(codec().write(SCOPE, state).slice(3), "base64url");
    const [one, other] = [bytes(STATE), bytes({ ...STATE, offset: 0 })];
    for (const [from, to] of [
      [0, 12],
      [12, 28],
    ]) {
      const mixed = Buffer.from(one);
      other.copy(mixed, from, from, to);
      refusal(`u2.${mixed.toString("base64url")}`);
    }
  });

  it("shows nothing of what it holds, neither whom it is sorted by nor where it stands", () => {
    const scope = { account: "acct-9f2", query: fingerprint({ product_ids: ["secret-project"] }) };
    const text = codec().write(scope, { ...STATE, last: ["id-1", "2026-10-01", "mirja@tidewater.example"] });
    const bytes = Buffer.from(text.slice(3), "base64url");
    for (const hidden of [KEY, "acct-9f2", "secret", "mirja", "2026-10", scope.query])
      for (const encoding of ["utf8", "base64", "base64url"] as const)
        expect(bytes.toString("latin1")).not.toContain(Buffer.from(hidden).toString(encoding));
  });

  it("is the same for the same place, so that asking twice is the same answer", () => {
    expect(codec().write(SCOPE, STATE)).toBe(codec().write(SCOPE, STATE));
    expect(
      codec()
        .write(SCOPE, { ...STATE, offset: 18 })
        .slice(0, 12),
    ).not.toBe(codec().write(SCOPE, STATE).slice(0, 12));
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
