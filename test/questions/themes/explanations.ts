import { expect } from "vitest";
import * as z from "zod";
import { OCTOBER, period, type Question, SEPTEMBER } from "../question.ts";
import { dollars, type Line, sum, total, written } from "../raw/lines.ts";
import { openaiLines } from "../raw/openai.ts";

const EXPLAIN = "explain_cost_change";
const near = (value: number) => expect.closeTo(value, 6);
const of = (lines: readonly Line[], side: "net" | "gross") => sum(lines.map((line) => line[side]));

type Effects = Partial<Record<"volume" | "price" | "new" | "gone" | "discounts" | "unknown", number>>;

/** A line of the bill has a price of its own: one product, one meter, one model, one unit. */
const lineOf = ({ account, product, metric, model, unit }: Line) =>
  JSON.stringify([account, product, metric, model, unit]);

/** What one line's change comes from, in dollars. */
function effectsOfLine(now: readonly Line[], before: readonly Line[]): Effects {
  const [gross, earlier] = [written(of(now, "gross")), written(of(before, "gross"))];
  const discounts = written(of(now, "net") - of(before, "net") - (of(now, "gross") - of(before, "gross")));
  if (before.length === 0) return { discounts, new: gross };
  if (now.length === 0) return { discounts, gone: -earlier };
  const amount = (lines: readonly Line[]) => written(sum(lines.map(({ quantity }) => dollars(quantity ?? 0))));
  const [bought, boughtBefore] = [amount(now), amount(before)];
  if (bought === 0 || boughtBefore === 0) return { discounts, unknown: gross - earlier };
  const volume = (bought / boughtBefore - 1) * earlier;
  return { discounts, volume, price: gross - earlier - volume };
}

/** Of several lines, added by effect. An effect that is nothing is not named; where it is, it is so only by rounding. */
function effects(now: readonly Line[], before: readonly Line[]): Record<string, unknown> {
  const all: Record<string, number> = {};
  for (const id of new Set([...now, ...before].map(lineOf))) {
    const own = (lines: readonly Line[]) => lines.filter((line) => lineOf(line) === id);
    for (const [name, value] of Object.entries(effectsOfLine(own(now), own(before))))
      all[name] = (all[name] ?? 0) + value;
  }
  const named = Object.entries(all).filter(([, value]) => Math.abs(value) > 1e-5);
  return Object.fromEntries(named.map(([name, value]) => [name, near(value)]));
}

function change(now: readonly Line[], before: readonly Line[]) {
  const { currency, ...previous } = total(before);
  return { ...total(now), previous, change: { net: written(of(now, "net") - of(before, "net")) } };
}

/** Groups whose key is one dimension's, the largest change first. */
function changes(now: readonly Line[], before: readonly Line[], name: "product" | "provider" | "model") {
  const whole = written(of(now, "net") - of(before, "net"));
  return [...new Set([...now, ...before].map((line) => line[name] ?? "unattributed"))]
    .map((value) => {
      const own = (lines: readonly Line[]) => lines.filter((line) => (line[name] ?? "unattributed") === value);
      const changed = change(own(now), own(before));
      return {
        key: { [name]: value },
        ...changed,
        effects: effects(own(now), own(before)),
        share_of_change: expect.closeTo(changed.change.net / whole, 4),
      };
    })
    .sort((a, b) => Math.abs(b.change.net) - Math.abs(a.change.net));
}

export const EXPLANATIONS: readonly Question[] = [
  {
    question: "Why was Confluent dearer in October than in September?",
    tool: EXPLAIN,
    arguments: { providers: ["confluent"], group_by: ["product"] },
    async expected(raw) {
      const [now, before] = [await raw.bill(OCTOBER, "confluent"), await raw.bill(SEPTEMBER, "confluent")];
      return {
        period: period(OCTOBER),
        compared_period: period(SEPTEMBER),
        totals: [{ ...change(now, before), effects: effects(now, before) }],
        groups: changes(now, before, "product"),
        other: undefined,
      };
    },
    holds: effectsAddUp,
  },
  {
    question: "Who is behind the growth since September, Datadog or Confluent?",
    tool: EXPLAIN,
    arguments: { providers: ["datadog", "confluent"], group_by: ["provider"] },
    async expected(raw) {
      const accounts = ["datadog", "confluent"] as const;
      const [now, before] = [await raw.bill(OCTOBER, ...accounts), await raw.bill(SEPTEMBER, ...accounts)];
      return {
        totals: [{ ...change(now, before), effects: effects(now, before) }],
        groups: changes(now, before, "provider"),
      };
    },
    holds: effectsAddUp,
  },
  {
    question: "Which models are new on the OpenAI bill since February, and which are gone?",
    tool: EXPLAIN,
    arguments: { integrated_account_ids: ["openai"], group_by: ["model"], compare_to: "2026-02", limit: 4 },
    async expected(raw) {
      const february = { start: "2026-02-01", end: "2026-03-01" };
      const [now, before] = [
        await openaiLines(raw.vendors, OCTOBER, "line_item"),
        await openaiLines(raw.vendors, february, "line_item"),
      ];
      const all = changes(now, before, "model");
      return { totals: [change(now, before)], groups: all.slice(0, 4), other: [{ groups: all.length - 4 }] };
    },
    holds: effectsAddUp,
  },
];

const explained = z.array(
  z.looseObject({ change: z.looseObject({ net: z.number() }), effects: z.record(z.string(), z.number()) }),
);
const explanation = z.looseObject({ totals: explained, groups: explained, other: explained.default([]) });

/** Effects are all of a change, and the groups' changes with the others' all of the total's. */
function effectsAddUp(answer: Record<string, unknown>): void {
  const { totals, groups, other } = explanation.parse(answer);
  for (const { change: changed, effects: parts } of [...totals, ...groups, ...other])
    expect(Object.values(parts).reduce((all, value) => all + value, 0)).toBeCloseTo(changed.net, 9);
  const net = (of: z.infer<typeof explained>) => of.reduce((all, one) => all + one.change.net, 0);
  expect(net(groups) + net(other)).toBeCloseTo(net(totals), 9);
}
