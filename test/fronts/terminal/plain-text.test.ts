import { describe, expect, it } from "vitest";
import { jsonText, plainText } from "../../../src/fronts/terminal/plain-text.ts";

describe("vendors' text on a terminal", () => {
  it.each([
    ["\u001b[31mred\u001b[0m", "\uFFFD[31mred\uFFFD[0m"],
    ["\u001b]0;title\u0007", "\uFFFD]0;title\uFFFD"],
    ["\u009b2J", "\uFFFD2J"],
    ["two\r\nlines\tand a tab", "two lines and a tab"],
    ["\u202egnp.exe", "\uFFFDgnp.exe"],
    ["lone \ud800 surrogate", "lone \uFFFD surrogate"],
    ["Zürich 🚀 東京", "Zürich 🚀 東京"],
  ])("%j is shown as %j", (given, shown) => expect(plainText(given)).toBe(shown));

  it("JSON holds the same values, with every control character escaped", () => {
    const value = { name: "\u001b[2J\u009b2J\u007f\u2028" };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(jsonText(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028]/);
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });
});
