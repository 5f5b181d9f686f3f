import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import type { Attribution, Measures, Scope, Split, Usage } from "./codex-usage.ts";
import { merged, NOTHING, plus, reviewsOf, usageOf } from "./codex-usage.ts";

/** The days before have no tokens and no models. */
const TOKENS_SINCE = parseDay("2026-01-01") ?? 0;

const OBJECTS: Readonly<Record<Scope, string>> = {
  codex: "workspace.codex.usage.result",
  workspace: "workspace.usage.result",
};

/** A day's rows, one for each user who did something. */
export function userRows(scope: Scope, day: Day): unknown[] {
  return usageOf(scope, day).map((usage) => row(scope, day, usage));
}

/** A day's one row, without anyone. */
export function workspaceRow(scope: Scope, day: Day): unknown {
  const usage = usageOf(scope, day);
  const attributions = usage.flatMap(({ attribution }) => attribution ?? []);
  return row(scope, day, {
    member: null,
    totals: usage.reduce((sum, { totals }) => plus(sum, totals), NOTHING),
    clients: merged(usage.flatMap(({ clients }) => clients)),
    models: merged(usage.flatMap(({ models }) => models)),
    attribution: attributions.length === 0 ? null : attributions.reduce(both),
    isOnCredits: false,
  });
}

export function reviewRow(day: Day): unknown {
  const { reviews, p0, p1, p2 } = reviewsOf(day);
  return {
    object: "workspace.codex.usage.code_reviews.result",
    ...times(day),
    pull_request_reviews: reviews,
    comments: p0 + p1 + p2,
    comment_details: { p0, p1, p2 },
  };
}

export function responseRow(day: Day): unknown {
  const { merges, comments, upvoted, downvoted, other, replied } = reviewsOf(day);
  const reacted = upvoted + downvoted + other;
  return {
    object: "workspace.codex.usage.code_review_responses.result",
    ...times(day),
    pull_request_reviews: merges,
    comments,
    comment_response_details: {
      downvoted,
      engaged: Math.min(comments, reacted + replied),
      reacted,
      reacted_other: other,
      replied,
      upvoted,
    },
    reaction_details: { downvotes: downvoted, other, upvotes: upvoted + (upvoted >> 3) },
    reactions: reacted + (upvoted >> 3),
    replies: replied + (replied >> 1),
  };
}

function row(scope: Scope, day: Day, { member, totals, clients, models, attribution, isOnCredits }: Usage): unknown {
  const user_id = member?.userId ?? null;
  const measures = (of: Measures) => money(of, day, isOnCredits);
  /** The wider endpoint tells of no threads. */
  const counted = (of: Measures) => ({
    ...(scope === "codex" ? { threads: of.threads, turns: of.turns } : {}),
    ...measures(of),
  });
  return {
    object: OBJECTS[scope],
    ...times(day),
    user_id,
    actor: member === null ? null : { type: "ACCOUNT_USER", user_id, email: member.person.email },
    totals: counted(totals),
    clients: clients.map(({ id, measures: of }) => ({ client_id: id, ...counted(of) })),
    models: day < TOKENS_SINCE ? null : models.map((split) => modelRow(split, measures)),
    code_attribution: attribution === null ? null : lines(attribution),
  };
}

function modelRow({ id, speed, measures }: Split, told: (of: Measures) => object) {
  return { model: id, speed, ...told(measures) };
}

/** A credit is four cents; one row's are a four-hundredth of it at the finest. */
function money({ cost, billed, estimated, uncached, cached, output }: Measures, day: Day, isOnCredits: boolean) {
  const hasTokens = day >= TOKENS_SINCE;
  return {
    credits: cost / 400,
    cost_usd: isOnCredits ? null : billed / 10_000,
    estimated_cost_usd: estimated / 100,
    uncached_text_input_tokens: hasTokens ? uncached : null,
    cached_text_input_tokens: hasTokens ? cached : null,
    text_output_tokens: hasTokens ? output : null,
    text_total_tokens: hasTokens ? uncached + cached + output : null,
  };
}

function lines({ added, removed, committed, totalCommitted, commits }: Attribution) {
  return {
    lines_of_code: {
      added,
      removed,
      committed,
      total_committed_lines: totalCommitted,
      committed_percentage: percentage(committed, totalCommitted),
    },
    commits:
      commits === null
        ? null
        : {
            with_codex_contribution: commits.withCodex,
            with_codex_contribution_percentage: percentage(commits.withCodex, commits.total),
            total_commits: commits.total,
          },
  };
}

function both(a: Attribution, b: Attribution): Attribution {
  return {
    added: a.added + b.added,
    removed: a.removed + b.removed,
    committed: a.committed + b.committed,
    totalCommitted: a.totalCommitted + b.totalCommitted,
    commits:
      a.commits === null || b.commits === null
        ? (a.commits ?? b.commits)
        : { withCodex: a.commits.withCodex + b.commits.withCodex, total: a.commits.total + b.commits.total },
  };
}

/** To one decimal. */
function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
}

function times(day: Day) {
  return { start_time: day * 86_400, end_time: (day + 1) * 86_400 };
}
