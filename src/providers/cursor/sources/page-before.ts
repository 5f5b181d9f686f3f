import { hash } from "node:crypto";
import * as z from "zod";
import type { Page } from "../../provider.ts";

/**
 * What a position knows of the page before its own, where pages are counted: people join and leave, and commits come, while
 * they are read, and then items pass from page to page.
 */
export const beforeSchema = z.object({
  /** How many items there were on all pages. */
  total: z.number().optional(),
  /** A digest of who or what was on that page. */
  held: z.string(),
});
type Before = z.infer<typeof beforeSchema>;

/** @param held who or what is on a page @param total how many there are on all pages */
export function pageOf(held: Iterable<string>, total: number | undefined): Before {
  const digest = hash("sha256", JSON.stringify([...held]), "hex").slice(0, 12);
  return { ...(total === undefined ? {} : { total }), held: digest };
}

/** Whether the page is the one before once more. An empty one is not: it has nothing to be counted twice. */
export function isRepeated(before: Before | undefined, { held }: Before): boolean {
  return before !== undefined && before.held === held && held !== EMPTY;
}

const EMPTY = pageOf([], undefined).held;

/** What is to be said where the data changed since the page before. @param what is on the pages */
export function changed(
  before: Before | undefined,
  now: Before,
  what: string,
): Pick<Page<never>, "moved" | "warnings"> {
  if (!before) return {};
  if (isRepeated(before, now))
    return {
      moved: true,
      warnings: [`Cursor sent the same page of ${what} twice; others are missing here. Ask again for all.`],
    };
  if (before.total === undefined || now.total === undefined || before.total === now.total) return {};
  return {
    moved: true,
    warnings: [
      `Cursor's list of ${what} changed while it was read; some of them may be missing here, or given twice. Ask again for all.`,
    ],
  };
}
