import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  amountText,
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
    [0.1 + 0.2, "0.30"],
    [3143.531484821178, "3,143.531485"],
    [0.000123456789, "0.000123457"],
  ])("%d is %s", (value, text) => expect(amountText(value)).toBe(text));

  it("are rounded for the eye at the sixth decimal or digit; plain numbers never lose one", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e59, max: 1e59 }), (value) => {
        const shown = Number(amountText(value).replaceAll(",", ""));
        const error = Math.max(Math.abs(value) < 0.001 ? 0 : 5.1e-7, Math.abs(value) * 5.1e-6);
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(error);
        if (Math.abs(value) >= 0.001)
          expect(Math.abs(shown - value)).toBeLessThanOrEqual(5.1e-7 + Math.abs(value) * 2e-16);
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
