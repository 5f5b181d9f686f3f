import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  exactAmount,
  exactNumber,
  percentText,
  plainNumber,
  shareText,
  signedAmount,
} from "../../../src/fronts/terminal/numbers.ts";

describe("amounts for people", () => {
  it.each([
    [0, "0.00"],
    [12, "12.00"],
    [12.5, "12.50"],
    [1234.5, "1,234.50"],
    [-1234567.891, "-1,234,567.891"],
    [-123, "-123.00"],
    [0.00000012345, "0.00000012345"],
    [1e21, "1,000,000,000,000,000,000,000.00"],
    [0.1 + 0.2, "0.30000000000000004"],
  ])("%d is %s", (value, text) => expect(exactAmount(value)).toBe(text));

  it("never lose a digit: without the commas they are the same number again", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e59, max: 1e59 }), (value) => {
        expect(Number(exactAmount(value).replaceAll(",", ""))).toBe(value + 0);
        expect(Number(plainNumber(value))).toBe(value + 0);
        expect(plainNumber(value)).not.toMatch(/e/i);
      }),
    );
  });

  it("counts have no decimals of their own, changes a sign", () => {
    expect(exactNumber(253064.952)).toBe("253,064.952");
    expect(exactNumber(1080)).toBe("1,080");
    expect(signedAmount(5)).toBe("+5.00");
    expect(signedAmount(-5)).toBe("-5.00");
    expect(signedAmount(0)).toBe("0.00");
  });

  it("shares and percentages are rounded for reading", () => {
    expect(shareText(0.3265)).toBe("32.65%");
    expect(shareText(1)).toBe("100.00%");
    expect(percentText(1234.5678)).toBe("1,234.57%");
  });
});
