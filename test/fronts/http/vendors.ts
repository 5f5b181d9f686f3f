import { readFileSync } from "node:fs";
import { json, type Reply } from "../../vendor-http/loopback.ts";

const [ROW] = JSON.parse(
  readFileSync(new URL("../../payloads/claude/user-usage-report.json", import.meta.url), "utf8"),
).data;

/** A Claude account of a loopback vendor: its pages are read one by one, as a stream goes on. */
export function claudeAt(url: string) {
  return { id: "claude", provider: "claude", base_url: url, credentials: { api_key: "claude-key-s3cret" } };
}

/** What {@link page} answers, every page of it, as it comes. */
export const PAGES =
  "?integrated_account_id=claude&report_type=user_usage&start_date=2026-10-01&end_date=2026-10-02&truto_response_format=stream";

/** A page of Claude's usage by user, behind which there is always another. */
export function page(number: number, rows = 1, filler = 0): Reply {
  const data = Array.from({ length: rows }, (_, index) => ({
    ...ROW,
    actor: { ...ROW.actor, user_id: `user_${number}_${index}`, name: "x".repeat(filler) },
  }));
  return json({ data, has_more: true, next_page: `page-${number + 1}`, organization_id: "org" });
}

/** Pages without end, each of some 200 KB. */
export function endless(): Reply {
  let number = 0;
  return (response, request) => page(++number, 100, 2000)(response, request);
}

/** The page behind which there is none. */
export const LAST_PAGE = json({ data: [], has_more: false, next_page: null, organization_id: "org" });

/** The whole of a list without lines. */
export const NO_LINES = json({ api_version: "billing/v1", kind: "CostList", metadata: {}, data: [] });

/** Holds answers back until they are let go. */
export function held(answer: Reply = NO_LINES): { reply: Reply; release(): void } {
  const waiting: (() => void)[] = [];
  return {
    reply: (response, request) => waiting.push(() => answer(response, request)),
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}
