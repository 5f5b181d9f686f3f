import { describe, expect, it } from "vitest";
import { seal, unseal } from "../../src/cache/sealed.ts";
import { answerOf, KEY } from "./keeping.ts";

const BODY = JSON.stringify({
  data: Array.from({ length: 200 }, (_, index) => ({ id: `lkc-${index}`, amount: index })),
});
const ANSWER = answerOf(BODY);

describe("a sealed answer", () => {
  it.each([
    ["as JSON", Buffer.from(BODY)],
    ["empty", Buffer.alloc(0)],
    ["of any bytes", Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 31) % 256))],
  ])("opens as it was: a body %s", async (_, raw) => {
    const answer = { ...ANSWER, raw };
    expect(await unseal(KEY, await seal(KEY, answer))).toEqual(answer);
  });

  it("shows nothing of what it holds", async () => {
    const sealed = (await seal(KEY, ANSWER)).toString("latin1");
    for (const word of ["lkc-1", "amount", "confluent", "x-request-id"]) expect(sealed).not.toContain(word);
  });

  it("is another each time: no nonce is used twice", async () => {
    const two = [await seal(KEY, ANSWER), await seal(KEY, ANSWER)] as const;
    expect(two[0].equals(two[1])).toBe(false);
    expect(two[0].subarray(4, 16).equals(two[1].subarray(4, 16))).toBe(false);
  });

  it("does not open with any one bit changed", async () => {
    const sealed = await seal(KEY, answerOf('{"data":[]}'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(await unseal(KEY, changed), `bit ${bit}`).toBeUndefined();
    }
  });

  it("does not open cut short anywhere, nor with something behind it", async () => {
    const sealed = await seal(KEY, answerOf('{"data":[]}'));
    for (let length = 0; length < sealed.length; length++)
      expect(await unseal(KEY, sealed.subarray(0, length)), `${length} bytes`).toBeUndefined();
    expect(await unseal(KEY, Buffer.concat([sealed, Buffer.alloc(1)]))).toBeUndefined();
  });

  it("does not open for another account, nor in another answer's place", async () => {
    const sealed = await seal(KEY, ANSWER);
    expect(await unseal({ ...KEY, secret: Buffer.alloc(32, 8) }, sealed)).toBeUndefined();
    expect(await unseal({ ...KEY, name: "40".repeat(32) }, sealed)).toBeUndefined();
  });
});
