import type { Day } from "./calendar.ts";
import { parseDay } from "./calendar.ts";
import type { Asked, Row } from "./claude-engagement.ts";
import { admits, cutOf, pageOf, readQuestion, sessionsOf, sum, userOf } from "./claude-engagement.ts";
import type { Connector, Project, Skill, Surface } from "./claude-estate.ts";
import { centsText } from "./claude-groups.ts";
import type { OfficeApp, Session } from "./claude-ledger.ts";
import type { Call } from "./claude-query.ts";

const OFFICE_APPS: readonly OfficeApp[] = ["excel", "outlook", "powerpoint", "word"];
const BY_MEMBER = ["rbac_group_id", "user_id"] as const;
const BY_PRODUCT = ["product", ...BY_MEMBER] as const;

const PROJECT_RANKS = ["distinct_user_count", "distinct_conversation_count", "message_count"] as const;
const SKILL_RANKS = ["distinct_user_count", "invocation_count"] as const;
const CONNECTOR_RANKS = ["distinct_user_count", "read_call_count", "write_call_count"] as const;

/** Before these days the vendor didn't count it, and says null. */
const CALLS_FROM: Day = parseDay("2026-05-29") ?? 0;
const AUTHENTICATION_FROM: Day = parseDay("2026-07-01") ?? 0;
const OFFICE_AMOUNTS_FROM: Day = parseDay("2026-06-18") ?? 0;

/** The sessions in which an entity was used, and how often in each. */
interface Use<Entity> {
  readonly entity: Entity;
  readonly cut: Readonly<Record<string, string | null>>;
  readonly sessions: { readonly session: Session; readonly count: number }[];
}

type Uses<Entity> = readonly { readonly entity: Entity; readonly name: string; readonly count: number }[];

/** One for each entity and each value of what is grouped by. */
function gather<Entity>(asked: Asked, usesIn: (session: Session) => Uses<Entity>): [key: string, use: Use<Entity>][] {
  const found = new Map<string, Use<Entity>>();
  for (const session of sessionsOf(asked)) {
    const uses = usesIn(session);
    if (uses.length === 0) continue;
    const cut = cutOf(asked, session);
    for (const { entity, name, count } of uses) {
      const key = [name, ...Object.values(cut)].join("|");
      let use = found.get(key);
      if (use === undefined) {
        use = { entity, cut, sessions: [] };
        found.set(key, use);
      }
      use.sessions.push({ session, count });
    }
  }
  return [...found];
}

export function projects(call: Call): unknown {
  const asked = readQuestion(call, BY_MEMBER, ["project_id", ...BY_MEMBER]);
  const uses = gather<Project>(asked, ({ project }) =>
    project === undefined ? [] : [{ entity: project, name: project.id, count: 1 }],
  );
  const rows = uses.map(([key, { entity, cut, sessions }]): Row<(typeof PROJECT_RANKS)[number]> => {
    const messages = sum(sessions, ({ session }) => session.messages);
    const users = usersOf(sessions);
    const { creator } = entity;
    return {
      key,
      ranks: { distinct_user_count: users, distinct_conversation_count: sessions.length, message_count: messages },
      body: {
        project_id: entity.id,
        project_name: entity.name,
        created_at: entity.created,
        created_by: creator === undefined || creator.email === null ? null : userOf(creator, call.version),
        distinct_user_count: users,
        distinct_conversation_count: asked.window.range ? null : sessions.length,
        message_count: messages,
        ...cut,
      },
    };
  });
  return pageOf(call, "project_id", PROJECT_RANKS, rows);
}

export function skills(call: Call): unknown {
  const asked = readQuestion(call, BY_PRODUCT, [...BY_PRODUCT, "share_status", "skill_name"]);
  const uses = gather<Skill>(asked, (session) =>
    session.skills
      .filter(
        ({ skill }) =>
          admits(asked.filters, "skill_name", skill.name) &&
          admits(asked.filters, "share_status", skill.shared ?? undefined),
      )
      .map(({ skill, count }) => ({ entity: skill, name: skill.name, count })),
  );
  const rows = uses.map(([key, { entity, cut, sessions }]): Row<(typeof SKILL_RANKS)[number]> => {
    const invocations = sum(sessions, ({ count }) => count);
    const users = usersOf(sessions);
    return {
      key,
      ranks: { distinct_user_count: users, invocation_count: invocations },
      body: {
        skill_name: entity.name,
        skill_display_name: entity.displayName,
        share_status: entity.shared,
        distinct_user_count: users,
        invocation_count: invocations,
        enable_count: asked.isFiltered || asked.window.range ? null : entity.surfaces.includes("chat") ? users % 3 : 0,
        ...sessionCounts("skill", sessions, asked.window.range),
        ...amountsOf(sessions, asked, cut["product"] === "office_agent"),
        ...cut,
      },
    };
  });
  return pageOf(call, "skill_name", SKILL_RANKS, rows);
}

/** A session's cost is shared evenly among its skills. Chat has an estimate of what was spent, and no list price. */
function amountsOf(sessions: Use<Skill>["sessions"], { window }: Asked, isOfficeCut: boolean) {
  if (isOfficeCut && window.from < OFFICE_AMOUNTS_FROM) {
    return { estimated_overage_spend: null, attributed_list_price: null, currency: null };
  }
  const share = (of: "net" | "list") => (use: { readonly session: Session }) =>
    Math.floor(use.session[of] / use.session.skills.length);
  const attributed = sessions.filter(({ session }) => session.surface !== "chat");
  return {
    estimated_overage_spend: shortCents(sum(sessions, share("net"))),
    attributed_list_price: attributed.length === 0 ? null : shortCents(sum(attributed, share("list"))),
    currency: "USD",
  };
}

function shortCents(millionths: number): string {
  return centsText(millionths).replace(/\.?0+$/, "");
}

export function connectors(call: Call): unknown {
  const asked = readQuestion(call, BY_PRODUCT, [...BY_PRODUCT, "connector_name"]);
  const { from } = asked.window;
  const names = asked.filters.get("connector_name");
  const uses = gather<Connector>(asked, (session) =>
    session.connectors
      .filter(({ connector: { name, displayName } }) => !names || names.has(name) || names.has(displayName ?? name))
      .map(({ connector, count }) => ({ entity: connector, name: connector.name, count })),
  );
  const rows = uses.map(([key, { entity, cut, sessions }]): Row<(typeof CONNECTOR_RANKS)[number]> => {
    const users = usersOf(sessions);
    const calls = sum(sessions, ({ count }) => count);
    const read = sum(sessions, ({ count }) => Math.floor((count * entity.reading) / 100));
    const write = sum(sessions, ({ count }) => Math.floor((count * entity.writing) / 100));
    const counted = from >= CALLS_FROM;
    const authenticated = from >= AUTHENTICATION_FROM;
    return {
      key,
      ranks: { distinct_user_count: users, read_call_count: read, write_call_count: write },
      body: {
        connector_name: entity.name,
        connector_display_name: entity.displayName,
        distinct_user_count: users,
        individual_auth_distinct_user_count: authenticated ? (entity.managed ? 0 : users) : null,
        managed_auth_distinct_user_count: authenticated ? (entity.managed ? users : 0) : null,
        read_call_count: counted ? read : null,
        write_call_count: counted ? write : null,
        unclassified_call_count: counted ? calls - read - write : null,
        ...sessionCounts("connector", sessions, asked.window.range),
        ...cut,
      },
    };
  });
  return pageOf(call, "connector_name", CONNECTOR_RANKS, rows);
}

/** A session is in no two rows of an entity's, so each counts once; over a range the vendor doesn't say. */
function sessionCounts(
  entity: "skill" | "connector",
  sessions: readonly { readonly session: Session }[],
  range: boolean,
) {
  const count = (surface: Surface, app?: OfficeApp) =>
    range
      ? null
      : sessions.filter(({ session }) => session.surface === surface && (app === undefined || session.app === app))
          .length;
  const field = `distinct_session_${entity}_used_count`;
  return {
    chat_metrics: { [`distinct_conversation_${entity}_used_count`]: count("chat") },
    claude_code_metrics: { [field]: count("claude_code") },
    cowork_metrics: { [field]: count("cowork") },
    office_metrics: Object.fromEntries(OFFICE_APPS.map((app) => [app, { [field]: count("office_agent", app) }])),
  };
}

function usersOf(sessions: readonly { readonly session: Session }[]): number {
  return new Set(sessions.map(({ session }) => session.member.id)).size;
}
