import * as z from "zod";
import { badParameter } from "../../../errors.ts";
import { wholeDays } from "../../../usage/period.ts";
import { isObject, type Json } from "../../fields.ts";
import type { Adapter, Dimension, Page, Question } from "../../provider.ts";
import { readPeriod } from "../dates.ts";
import {
  bounds,
  firstWindow,
  MOVED,
  nextWindow,
  type Pieces,
  settlesAfter,
  type Window,
  windowFields,
  windowParts,
} from "../windows.ts";
import { readPage } from "../wire.ts";
import { type Context, isPaidInCredits, mapReviews, mapUsage, type Split, startOf, userOf } from "./map.ts";
import { support } from "./support.ts";
import { connect, ENDPOINTS, type Endpoint, MOST, NAMES, pathOf } from "./wire.ts";

/** `limit` counts rows of the vendor; a page's cursor is followed with the size it was given for. */
const positionSchema = z.object({
  endpoint: z.enum(ENDPOINTS),
  limit: z.number().int(),
  page: z.string().optional(),
  ...windowFields,
  /** The id of the last row's user on the page before. */
  last: z.string().optional(),
});
type Position = z.infer<typeof positionSchema>;

/** Data has been seen to come 1 to 5 days late, and to be restated meanwhile. */
const LATE_DAYS = 5;
/** How many rows a day has only the vendor knows; a quarter of 300 people fits in a page. */
const PIECES: Pieces = { by: "quarter", days: 92 };

/** Smaller pages cost more calls than they save rows. */
const LEAST = 100;

/** Codex on a ChatGPT plan: credits, threads, tokens and code of each user of a workspace, by the day. */
export const workspace: Adapter<Position> = {
  support,
  connect,
  readPeriod,
  cover: wholeDays,
  reserved: {
    start_time: "use start_date",
    end_time: "use end_date",
    page: "use cursor",
    group: "use report_type summary for the whole workspace",
  },

  does: () => ({ filters: ["product_ids"] }),

  first(question: Question): Position | undefined {
    splitOf(question);
    const [endpoint] = endpointsOf(question);
    const window = firstWindow(question, PIECES);
    if (!endpoint || !window) return undefined;
    return { endpoint, limit: Math.min(Math.max(question.wanted ?? MOST, LEAST), MOST), ...window };
  },

  parts: (question) => windowParts(question, PIECES),

  request(question: Question, position: Position) {
    const { endpoint, limit, page } = positionSchema.parse(position);
    const { account, remoteQuery } = question;
    return {
      method: "GET",
      path: pathOf(endpoint, account.settings["workspace_id"] ?? ""),
      query: [
        ...bounds(question, position),
        ...(isAggregated(question, endpoint) ? [["group", "workspace"] as const] : []),
        ...(remoteQuery.some(([name]) => name === "limit") ? [] : [["limit", String(limit)] as const]),
        ...(page === undefined ? [] : [["page", page] as const]),
        ...remoteQuery,
      ],
    };
  },

  read(question: Question, position: Position, answers): Page<Position> {
    const at = positionSchema.parse(position);
    const { endpoint } = at;
    const [answer] = answers;
    if (answer === undefined) return { entries: [] };
    const { items: all, next } = readPage(answer, NAMES[endpoint]);
    const items = all.slice(repeated(at, all));
    const moved = items.length < all.length;
    const context: Context = {
      endpoint,
      workspace: question.account.settings["workspace_id"] ?? "",
      organization: question.account.settings["organization_id"],
      split: splitOf(question),
      seen: new Map(),
    };
    const isUsage = endpoint === "codex" || endpoint === "chatgpt";
    const entries = items.map((item) => ({
      item,
      rows: isUsage ? mapUsage(item, context) : [mapReviews(item, context)],
    }));
    const after = next === undefined ? following(question, at) : nextPage(at, next, items);
    const warnings = [...crossed(question), ...unpriced(question, items), ...(moved ? [MOVED] : [])];
    return {
      entries,
      ...(after ? { next: after } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(moved ? { moved } : {}),
    };
  },

  settles: (question, position) => settlesAfter(question, positionSchema.parse(position), LATE_DAYS),
};

/**
 * How many rows of a page stood on the one before: all up to the last one of it. Rows come oldest first, so those of the days
 * before that one can't come again.
 */
function repeated({ endpoint, behind, last }: Position, items: readonly Json[]): number {
  if (behind === undefined) return 0;
  const stood = (item: Json) => {
    const day = startOf(item, endpoint) / 1000;
    return day < behind || (day === behind && last !== undefined && userOf(item, endpoint).id === last);
  };
  return items.findLastIndex(stood) + 1;
}

function nextPage({ behind, last, ...at }: Position, page: string, items: readonly Json[]): Position {
  const item = items.at(-1);
  if (!item) return { ...at, behind, last, page };
  return { ...at, page, behind: startOf(item, at.endpoint) / 1000, last: userOf(item, at.endpoint).id };
}

/** The endpoint's next piece of time, else the next endpoint. */
function following(question: Question, at: Position): Position | undefined {
  const { endpoint, limit } = at;
  const window = nextWindow(question, at, PIECES);
  if (window) return { endpoint, limit, ...window };
  const other = endpointsOf(question)[endpointsOf(question).indexOf(endpoint) + 1];
  const first: Window | undefined = other && firstWindow(question, PIECES);
  return other && first ? { endpoint: other, limit, ...first } : undefined;
}

/**
 * The Codex analytics, unless the product asked for is chatgpt: the unified daily usage, which holds Codex too and so is
 * never read beside it.
 */
function endpointsOf({ report, filters }: Question): Endpoint[] {
  const wanted = filters.product_ids?.map((product) => product.toLowerCase());
  const codex = wanted === undefined || wanted.includes("codex");
  const chatgpt = wanted?.includes("chatgpt") ?? false;
  if (codex && chatgpt)
    throw badParameter("product_ids", "the workspace's chatgpt usage holds Codex too; ask for one of the two.");
  if (chatgpt) return ["chatgpt"];
  if (!codex) return [];
  return report === "summary" ? ["codex", "code_reviews", "code_review_responses"] : ["codex"];
}

/** Reviews know no users. Cost is always read by user, so that it is the same whatever it is split by. */
function isAggregated({ report }: Question, endpoint: Endpoint): boolean {
  return report === "summary" && (endpoint === "codex" || endpoint === "chatgpt");
}

/** Which of the two splits a question needs; a filter before a group, since rows that don't show it would be lost. */
function splitOf({ report, groupBy = [], filters }: Question): Split | undefined {
  if (filters.model_ids && filters.surfaces)
    throw badParameter(
      "surfaces",
      "OpenAI splits a day by model or by client, never both at once; leave model_ids out.",
    );
  if (filters.model_ids) return "models";
  if (filters.surfaces) return "clients";
  const shows = (dimension: Dimension) => groupBy.includes(dimension);
  if (shows("model")) return "models";
  if (shows("surface")) return "clients";
  return report === "usage" && groupBy.length === 0 ? "models" : undefined;
}

function crossed({ groupBy = [], filters }: Question): string[] {
  const both = (groupBy.includes("model") || filters.model_ids) && (groupBy.includes("surface") || filters.surfaces);
  return both ? ["OpenAI splits a day by model or by client, never both at once: rows show one of the two."] : [];
}

/** Said where a reader may take what is not counted for free. */
function unpriced({ report }: Question, items: readonly Json[]): string[] {
  const inCredits = ({ totals }: Json) => isObject(totals) && isPaidInCredits(totals, "totals");
  if ((report !== "cost" && report !== "user_cost") || !items.some(inCredits)) return [];
  return [
    "Codex use that is paid in credits is in no total: credits are no money, and OpenAI's estimate of them (charge usage_based) is no bill.",
  ];
}
