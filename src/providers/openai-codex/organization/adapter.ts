import * as z from "zod";
import { badParameter } from "../../../errors.ts";
import { type Period, wholeDays } from "../../../usage/period.ts";
import type { Adapter, Directory, Page, Question, VendorRefusal } from "../../provider.ts";
import { readPeriod } from "../dates.ts";
import {
  bounds,
  firstWindow,
  MOVED,
  nextWindow,
  type Pieces,
  settlesAfter,
  windowFields,
  windowParts,
} from "../windows.ts";
import { optionalTextOf } from "../wire.ts";
import {
  costGroupsOf,
  countsOnce,
  emailsOf,
  groupsNatively,
  groupsOf,
  leavesOutStock,
  nativeFilters,
  type Source,
  sourcesOf,
} from "./detail.ts";
import { lookup } from "./directory.ts";
import { mapCosts, mapUsage } from "./map.ts";
import { support } from "./support.ts";
import {
  BUCKETS,
  type Bucket,
  COSTS,
  COSTS_MOST,
  connect,
  endpointOf,
  organizationOf,
  pathOf,
  readBuckets,
} from "./wire.ts";

/** Data of the last 3 days is known to come in late, of usage and of costs. */
const LATE_DAYS = 3;

/** A page of one source; sources are read one after the other, each oldest bucket first. */
const positionSchema = z.object({
  source: z.string(),
  ...windowFields,
  page: z.string().optional(),
  /** What costs are told apart by, where OpenAI refused what was asked for first. */
  groups: z.array(z.string()).optional(),
});
type Position = z.infer<typeof positionSchema>;

const IN_ITS_PLACE = "it is set from the parameters of the same meaning";

/** Usage by family and costs of an organization on the API platform. The two are separate ledgers and never mixed. */
export const organization: Adapter<Position> = {
  support,
  connect,
  lookup,
  readPeriod,
  cover: wholeDays,
  reserved: {
    start_time: "use start_date",
    end_time: "use end_date",
    bucket_width: "use granularity",
    group_by: "use the parameter group_by",
    page: "use cursor",
    user_ids: "use the parameter user_ids",
    api_key_ids: "use the parameter api_key_id",
    models: IN_ITS_PLACE,
  },

  does(question: Question) {
    return { filters: nativeFilters(question), groupBy: groupsNatively(question) };
  },

  first(question: Question): Position | undefined {
    const [first] = sourcesOf(question);
    return first && startOf(question, first);
  },

  parts(question: Question): Period[] | undefined {
    const sources = sourcesOf(question);
    const [first] = sources;
    // Usage and costs are cut otherwise; and what costs can't be told apart by, OpenAI says once for all that follow.
    const isCost = sources.some(({ family }) => !family);
    if (!first || (isCost && (sources.length > 1 || costGroupsOf(question).includes("user_id")))) return undefined;
    return windowParts(question, piecesOf(question, first));
  },

  request(question: Question, position: Position) {
    const { source, page, groups } = sourceAt(question, position);
    const { width, most } = bucketsOf(question, source);
    const { remoteQuery } = question;
    const limited = remoteQuery.some(([name]) => name === "limit");
    return {
      method: "GET",
      path: pathOf(source.id),
      query: [
        ...bounds(question, position),
        ["bucket_width", width],
        // Repeated, not joined by commas, which OpenAI is not known to read.
        ...groups.map((group) => ["group_by", group] as const),
        ...filtersOf(question, source),
        ...(limited ? [] : [["limit", most] as const]),
        ...(page === undefined ? [] : [["page", page] as const]),
        ...remoteQuery,
      ],
    };
  },

  read(question: Question, position: Position, answers, directory: Directory): Page<Position> {
    const { source, groups, page, behind } = sourceAt(question, position);
    const [answer] = answers;
    if (answer === undefined) return { entries: [] };
    const { buckets: all, next } = readBuckets(answer, source.id);
    // Buckets come oldest first, so those from before the page's beginning stood on the one before.
    const buckets = all.filter(({ start }) => behind === undefined || start >= behind * 1000);
    const moved = buckets.length < all.length;
    const context = {
      groups,
      directory,
      width: bucketsOf(question, source).width,
      organizationOf: (result: Parameters<typeof organizationOf>[2]) =>
        organizationOf(question.account, answer, result),
    };
    const { family } = source;
    const summed = countsOnce(question);
    const entries = buckets.flatMap((bucket) =>
      family ? mapUsage(bucket, family, summed, context) : mapCosts(bucket, context),
    );
    const following = next === undefined ? after(question, source, position) : nextPage(position, next, buckets);
    const warnings = [
      ...(page === undefined ? warningsOf(question, directory) : []),
      ...(family ? [] : namelessOf(buckets, groups, directory)),
      ...(moved ? [MOVED] : []),
    ];
    return {
      entries,
      ...(following ? { next: following } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
      ...(moved ? { moved } : {}),
    };
  },

  settles: (question, position) => settlesAfter(question, positionSchema.parse(position), LATE_DAYS),

  refused(question: Question, position: Position, { status }: VendorRefusal): Page<Position> | undefined {
    const { source, page, groups } = sourceAt(question, position);
    if (page !== undefined) return undefined;
    if (source.family) {
      if (status !== 404 || !source.family.maybeMissing) return undefined;
      const next = afterAll(question, source);
      return { entries: [], ...(next ? { next } : {}) };
    }
    return status === 400 ? coarser(question, position, groups) : undefined;
  },
};

/** @throws UsageError (question) when a cursor names a source that this question does not read */
function sourceAt(
  question: Question,
  at: Position,
): Pick<Position, "page" | "behind"> & { source: Source; groups: string[] } {
  const { source: id, page, behind, groups } = positionSchema.parse(at);
  const source = sourcesOf(question).find((known) => known.id === id);
  if (!source) throw badParameter("cursor", "it does not belong to this question; leave it out to start again.");
  return {
    source,
    page,
    behind,
    groups: groups ?? (source.family ? groupsOf(question, source.family) : costGroupsOf(question)),
  };
}

function bucketsOf({ granularity = "day" }: Question, { family }: Source): { width: string; most: string } {
  return family ? BUCKETS[granularity] : { width: BUCKETS.day.width, most: COSTS_MOST };
}

/** A page of costs holds 180 days, one of usage 31 days, 168 hours or a day of minutes: the whole calendar pieces within. */
function piecesOf({ granularity = "day" }: Question, { family }: Source): Pieces {
  if (!family) return { by: "quarter", days: 180 };
  return ({ day: { by: "month", days: 31 }, hour: { by: "week", days: 7 }, minute: { by: "day", days: 1 } } as const)[
    granularity
  ];
}

function startOf(question: Question, source: Source): Position | undefined {
  const window = firstWindow(question, piecesOf(question, source));
  return window && { source: source.id, ...window };
}

/** Where the page before ended goes along: what it held does not count again. */
function nextPage({ behind: before, ...position }: Position, page: string, buckets: readonly Bucket[]): Position {
  const end = buckets.at(-1)?.end;
  const behind = end === undefined ? before : end / 1000;
  return { ...position, page, ...(behind === undefined ? {} : { behind }) };
}

/** The source's next piece of time, else the next source. */
function after(question: Question, source: Source, at: Position): Position | undefined {
  const window = nextWindow(question, at, piecesOf(question, source));
  if (!window) return afterAll(question, source);
  return { source: source.id, ...window, ...(at.groups ? { groups: at.groups } : {}) };
}

function afterAll(question: Question, { id }: Source): Position | undefined {
  const sources = sourcesOf(question);
  const following = sources[sources.findIndex((source) => source.id === id) + 1];
  return following && startOf(question, following);
}

/**
 * By user is new, and for some organizations and time ranges refused beside projects, beside all, or at all. People come
 * first then; without them the sums are still true. Undefined where rows would no longer show what is filtered by.
 */
function coarser(question: Question, position: Position, groups: readonly string[]): Page<Position> | undefined {
  if (!groups.includes("user_id")) return undefined;
  const { report, filters } = question;
  const others = groups.filter((group) => group !== "user_id");
  const lost = others.includes("project_id") ? ["project_id"] : others;
  if (lost.length > 0) {
    if (filters.model_ids && lost.includes("line_item")) return undefined;
    return {
      entries: [],
      next: { ...position, groups: groups.filter((group) => !lost.includes(group)) },
      warnings: [
        `OpenAI refused costs by user_id together with ${lost.join(", ")}, which they stand without: a filter by it finds nothing.`,
      ],
    };
  }
  if (report === "user_cost" || filters.user_ids) return undefined;
  return {
    entries: [],
    next: { ...position, groups: costGroupsOf(question).filter((group) => group !== "user_id") },
    warnings: [
      "OpenAI refused costs by user for this organization and period; they stand without users: a filter by user finds nothing.",
    ],
  };
}

/** Names are repeated for every value. */
function filtersOf({ filters, ...question }: Question, { family }: Source): [string, string][] {
  const keys = (filters.api_key_ids ?? []).map((id): [string, string] => ["api_key_ids", id]);
  if (!family) return keys;
  const people = emailsOf({ ...question, filters }).length > 0 ? [] : (filters.user_ids ?? []);
  return [
    ...people.map((id): [string, string] => ["user_ids", id]),
    ...keys,
    ...(filters.model_ids ?? []).map((id): [string, string] => ["models", modelName(id)]),
  ];
}

/** Filters heed no case, OpenAI's does: its models are in lower case, but for the ids in those of fine-tuning. */
function modelName(id: string): string {
  return id.startsWith("ft:") ? id : id.toLowerCase();
}

/** People's costs are summed and filtered by e-mail, over all vendors: without a directory they would silently miss. */
function namelessOf(buckets: readonly Bucket[], groups: readonly string[], directory: Directory): string[] {
  if (!groups.includes("user_id")) return [];
  const users = buckets.flatMap(({ results }) =>
    results.flatMap((result) => optionalTextOf(result, "user_id", endpointOf(COSTS)) ?? []),
  );
  if (users.length === 0 || users.some((user) => directory.has(user))) return [];
  return [
    "OpenAI's directory names none of the users of these costs, or could not be read: they stand under their ids, and an e-mail finds none of them.",
  ];
}

/** Said once a source at the most: with its first page. */
function warningsOf(question: Question, directory: Directory): string[] {
  const unknown = emailsOf(question).filter((email) => !directory.has(email.toLowerCase()));
  return [
    ...(unknown.length > 0
      ? [
          `user_ids: OpenAI's directory names nobody with the e-mail ${unknown.join(", ")}, or it could not be read; give the user id (user-...).`,
        ]
      : []),
    ...(leavesOutStock(question)
      ? [
          "vector_stores is left out: its bytes are a level, not a flow, and can't be summed over time. Ask report_type usage by day.",
        ]
      : []),
  ];
}
