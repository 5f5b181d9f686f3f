import { describe, expect, it } from "vitest";
import type { ChangeLine } from "../../src/engine/change-lines.ts";
import { effectsOf, writeEffects } from "../../src/engine/effects.ts";
import { decimal, ZERO } from "../../src/usage/money.ts";

function line(gross: string, net = gross, quantity?: string): ChangeLine {
  const amount = (text: string) => decimal(text) ?? ZERO;
  return {
    key: {},
    names: {},
    values: {},
    currency: "USD",
    gross: amount(gross),
    net: amount(net),
    rows: 1,
    ...(quantity === undefined ? {} : { quantity: { unit: "GB", amount: amount(quantity) } }),
  };
}

describe("what a change of one line is made of", () => {
  it.each<[string, ChangeLine | undefined, ChangeLine | undefined, Record<string, number>]>([
    // 150 GB instead of 100 at 2 each: 50 more at the same price.
    ["more of the same", line("300", "300", "150"), line("200", "200", "100"), { volume: 100 }],
    // 100 GB at 3 instead of 2.
    ["a higher price", line("300", "300", "100"), line("200", "200", "100"), { price: 100 }],
    // 50 more at 2 are 100; all 150 cost 1 more than then.
    ["both", line("450", "450", "150"), line("200", "200", "100"), { volume: 100, price: 150 }],
    // The price rose by 100, and half of it was taken off.
    ["a discount", line("300", "250", "100"), line("200", "200", "100"), { price: 100, discounts: -50 }],
    ["a credit that ended", line("200", "200", "100"), line("200", "150", "100"), { discounts: 50 }],
    ["what a plan includes", line("40", "0"), undefined, { new: 40, discounts: -40 }],
    ["something new", line("12.5", "12.5", "1"), undefined, { new: 12.5 }],
    ["something gone", undefined, line("12.5", "10", "1"), { gone: -12.5, discounts: 2.5 }],
    ["no quantity", line("5"), line("3"), { unknown: 2 }],
    ["a quantity in one period only", line("5", "5", "1"), line("3"), { unknown: 2 }],
    // Nothing was bought before, and yet it cost: no price can be worked out.
    ["a quantity of nothing before", line("5", "5", "1"), line("3", "3", "0"), { unknown: 2 }],
    ["nothing left of it", line("0", "0", "0"), line("3", "3", "6"), { volume: -3 }],
  ])("%s", (_, now, before, effects) => {
    expect(writeEffects(effectsOf(now, before))).toEqual(effects);
  });

  it("adds up to the last digit where the price can't be written down", () => {
    const { volume, price } = effectsOf(line("1", "1", "7"), line("1", "1", "3"));
    // 1/3 a piece: four more of them are 1.333..., and what they cost less is as much.
    expect(volume.toString()).toBe("1.3333333333");
    expect(volume.plus(price).isZero()).toBe(true);
  });
});
