/** What the rows of OpenAI's APIs have in common: how ids are made, and that its models are its own. */
import type { Usage } from "../../usage/row.ts";

/** An id that no row before it has: the second of a kind is `id:1`. For rows that come in the same order every time. */
export function distinct(id: string, seen: Map<string, number>): string {
  const before = seen.get(id) ?? 0;
  seen.set(id, before + 1);
  return before === 0 ? id : `${id}:${before}`;
}

/** The parts of an id, which may hold colons themselves. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.map((part) => encodeURIComponent(part ?? "")).join(":");
}

export function modelOf(id: string | undefined): Pick<Usage, "model"> {
  return id === undefined ? {} : { model: { id, provider: "openai" } };
}
