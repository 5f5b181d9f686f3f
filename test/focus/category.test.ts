import { describe, expect, it } from "vitest";
import { categoryCosts } from "../../src/focus/category.ts";
import { decimal, ZERO } from "../../src/usage/money.ts";
import type { Charge, ChargeType } from "../../src/usage/row.ts";

type Parts = readonly (readonly [type: ChargeType, amount: string])[];

function charges(parts: Parts): Charge[] {
  return parts.map(([type, amount]) => ({ type, amount: decimal(amount) ?? ZERO, currency: "EUR" }));
}

/** Category, billed and list cost, as they are written. */
function costs(parts: Parts): string[] {
  return categoryCosts({ id: "row", charges: charges(parts) }).map(
    ({ category, billed, list, currency }) => `${category} ${billed} of ${list} ${currency}`,
  );
}

describe("a row's money by category", () => {
  it.each<[string, Parts, string[]]>([
    ["net alone", [["net", "2"]], ["Usage 2 of 2 EUR"]],
    ["a total alone", [["total", "2.5"]], ["Usage 2.5 of 2.5 EUR"]],
    [
      "a discount stands between list and billed cost",
      [
        ["net", "8.602"],
        ["total", "9.35"],
        ["discount", "0.748"],
      ],
      ["Usage 8.602 of 9.35 EUR"],
    ],
    [
      "a discount that the vendor writes as what it takes away",
      [
        ["net", "8"],
        ["total", "10"],
        ["discount", "-2"],
      ],
      ["Usage 8 of 10 EUR"],
    ],
    [
      "what a plan includes is worth something and costs nothing",
      [
        ["net", "0"],
        ["total", "0.08"],
        ["included", "0.08"],
        ["platform_fee", "0.02"],
      ],
      ["Usage 0 of 0.08 EUR"],
    ],
    [
      "a fee that is part of the usage's own price is no charge beside it",
      [
        ["net", "0.095493"],
        ["total", "0.095493"],
        ["usage_based", "0.095493"],
        ["platform_fee", "0.0301"],
      ],
      ["Usage 0.095493 of 0.095493 EUR"],
    ],
    [
      "a fee without a word on the rest",
      [
        ["net", "1"],
        ["total", "1"],
        ["platform_fee", "0.25"],
      ],
      ["Purchase 0.25 of 0.25 EUR", "Usage 0.75 of 0.75 EUR"],
    ],
    [
      "a fee and nothing else",
      [
        ["net", "32.8767"],
        ["total", "32.8767"],
        ["platform_fee", "32.8767"],
      ],
      ["Purchase 32.8767 of 32.8767 EUR"],
    ],
    [
      "a fee with a discount",
      [
        ["net", "30"],
        ["total", "40"],
        ["platform_fee", "40"],
        ["discount", "10"],
      ],
      ["Purchase 30 of 40 EUR"],
    ],
    [
      "what was committed to and what came on top",
      [
        ["on_demand", "361.658193"],
        ["committed", "376.243125"],
        ["total", "737.901318"],
      ],
      ["Usage 361.658193 of 361.658193 EUR", "Purchase 376.243125 of 376.243125 EUR"],
    ],
    [
      "nothing is committed",
      [
        ["on_demand", "5"],
        ["committed", "0"],
        ["total", "5"],
      ],
      ["Usage 5 of 5 EUR"],
    ],
    [
      "a line that is nothing but a credit has no list cost",
      [
        ["net", "-450"],
        ["total", "-450"],
        ["credit", "-450"],
      ],
      ["Credit -450 of 0 EUR"],
    ],
    [
      "a credit on a line of usage",
      [
        ["net", "7"],
        ["total", "10"],
        ["credit", "-3"],
      ],
      ["Credit -3 of 0 EUR", "Usage 10 of 10 EUR"],
    ],
    [
      "tax",
      [
        ["net", "11.9"],
        ["total", "11.9"],
        ["tax", "1.9"],
      ],
      ["Tax 1.9 of 1.9 EUR", "Usage 10 of 10 EUR"],
    ],
    [
      "what was free",
      [
        ["net", "0"],
        ["total", "0"],
      ],
      ["Usage 0 of 0 EUR"],
    ],
    ["an estimate is no bill", [["usage_based", "6.37"]], []],
    ["activity", [], []],
  ])("%s", (_, parts, expected) => {
    expect(costs(parts)).toEqual(expected);
  });
});
