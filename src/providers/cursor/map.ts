import type { Amount } from "../../usage/money.ts";
import { DAY, type Instant, iso } from "../../usage/period.ts";
import type { Charge, ChargeType, Usage } from "../../usage/row.ts";
import { count, type Json, optionalText, text } from "../fields.ts";
import type { Directory } from "../provider.ts";

/** Cursor sends no currency; its fields are named cents and dollars. */
const CURRENCY = "USD";

export const PRODUCT = { id: "cursor", name: "Cursor" } as const;

type Person = NonNullable<Usage["user"]>;
type Model = NonNullable<Usage["model"]>;

/** Cursor names no provider: the beginning of a model's name tells. `default` and `auto` are Cursor's own choice of model. */
const MODEL_PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/^claude/, "anthropic"],
  [/^(?:gpt|o[134](?![a-z])|codex)/, "openai"],
  [/^gemini/, "google"],
  [/^deepseek/, "deepseek"],
  [/^kimi/, "moonshot"],
  [/^grok/, "xai"],
  [/^(?:composer|cursor|default$|auto$)/, "cursor"],
];

/** @param field where the model stands */
export function modelOf(value: unknown, field: string): Model | undefined {
  const id = optionalText(value, "Cursor", field);
  if (id === undefined) return undefined;
  const name = id.toLowerCase();
  const provider = MODEL_PROVIDERS.find(([beginning]) => beginning.test(name))?.[1];
  return provider ? { id, provider } : { id };
}

/** Who a row belongs to; what it lacks comes from the team's members, joined by e-mail, or by id where there is none. */
export function personOf(
  own: { id?: string | undefined; email?: string | undefined; name?: unknown },
  directory: Directory,
): Person | undefined {
  const key = own.email?.toLowerCase() ?? own.id;
  const member = key === undefined ? undefined : directory.get(key);
  const email = own.email ?? member?.email;
  const id = own.id ?? member?.id;
  const name = text(own.name) ?? member?.name;
  if (id === undefined && email === undefined) return undefined;
  return { ...(id ? { id } : {}), ...(email ? { email } : {}), ...(name ? { name } : {}) };
}

/** A UTC day as Cursor's rows cover it, its last millisecond included. @param day `YYYY-MM-DD` */
export function dayBounds(day: string): { start_date: string; end_date: string } {
  const start = Date.parse(day);
  return { start_date: iso(start), end_date: iso(start + DAY - 1) };
}

/** `YYYY-MM-DD` at the beginning of a text, if it is a day of the calendar. */
export function dayOf(value: unknown): string | undefined {
  const day = /^\d{4}-\d{2}-\d{2}/.exec(text(value) ?? "")?.[0];
  return day !== undefined && !Number.isNaN(Date.parse(day)) ? day : undefined;
}

/** The day's first instant. */
export function startOf(day: string): Instant {
  return Date.parse(day);
}

export function charge(type: ChargeType, amount: Amount): Charge {
  return { type, amount, currency: CURRENCY };
}

/**
 * Counts of an item under their unified names, those that it has.
 * @param names pairs of the vendor's field and ours
 * @returns undefined when it has none
 */
export function counts<Name extends string>(
  item: Json,
  names: readonly (readonly [string, Name])[],
): Partial<Record<Name, number>> | undefined {
  const found: Partial<Record<Name, number>> = {};
  let any = false;
  for (const [field, name] of names) {
    const value = count(item[field], "Cursor", field);
    if (value === undefined) continue;
    found[name] = value;
    any = true;
  }
  return any ? found : undefined;
}
