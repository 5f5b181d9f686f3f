import { dayText, parseDay } from "./calendar.ts";
import type { Row, Window } from "./claude-engagement.ts";
import { groupFields, pageOf, readQuestion, sum, userOf } from "./claude-engagement.ts";
import type { Member } from "./claude-estate.ts";
import { PROJECTS } from "./claude-estate.ts";
import type { OfficeApp, Session } from "./claude-ledger.ts";
import { ledgerOf } from "./claude-ledger.ts";
import type { Call, Version } from "./claude-query.ts";
import { invalid } from "./claude-query.ts";

/** What a row is made from: a member's doings, or a group's. */
interface Doings {
  readonly member: Member;
  readonly members: Set<string>;
  readonly sessions: Session[];
  tagDays: number;
  tagMessages: number;
  lastDay: number;
}

/** Everybody's doings, a row for each who did anything. Of deleted accounts there's no address left, and no row. */
export function activities(call: Call): unknown {
  const asked = readQuestion(call, ["rbac_group_id"], ["project_id", "rbac_group_id", "user_id"]);
  const byGroup = asked.groupBy.length > 0;
  const byProject = asked.filters.has("project_id");
  if (byProject && (byGroup || asked.filters.has("rbac_group_id"))) {
    throw invalid("filter: project_id cannot be combined with group_by or an rbac_group_id filter");
  }
  const rows = new Map<string, Doings>();
  const doingsOf = (member: Member, day: number): Doings => {
    const key = byGroup ? (member.group?.id ?? "") : (member.email ?? "");
    let doings = rows.get(key);
    if (doings === undefined) {
      doings = {
        member,
        members: new Set(),
        sessions: [],
        tagDays: 0,
        tagMessages: 0,
        lastDay: day,
      };
      rows.set(key, doings);
    }
    doings.members.add(member.id);
    doings.lastDay = day;
    return doings;
  };
  for (let day = asked.window.from; day < asked.window.to; day++) {
    const { sessions, facts } = ledgerOf(day);
    for (const session of sessions) {
      if (session.member.email !== null && asked.accepts(session)) {
        doingsOf(session.member, day).sessions.push(session);
      }
    }
    if (byProject) continue;
    for (const { member, dimensions, requests } of facts) {
      if (!member || member.email === null || dimensions.claude_tag_category !== "dm") continue;
      if (!asked.filters.has("user_id") || asked.filters.get("user_id")?.has(member.id)) {
        if (asked.filters.get("rbac_group_id")?.has(member.group?.id ?? "") === false) continue;
        const doings = doingsOf(member, day);
        doings.tagDays += 1;
        doings.tagMessages += requests;
      }
    }
  }
  return pageOf(
    call,
    "email",
    ["web_search_count"],
    [...rows].map(([key, doings]): Row<"web_search_count"> => {
      const searches = sum(doings.sessions, ({ searches }) => searches);
      return {
        key,
        ranks: { web_search_count: searches },
        body: {
          user: byGroup ? null : userOf(doings.member, call.version),
          distinct_user_count: byGroup ? doings.members.size : null,
          last_activity_date: dayText(doings.lastDay),
          ...metricsOf(doings, call.version, asked.window, byGroup),
          web_search_count: searches,
          ...(byGroup ? groupFields(doings.member.group) : {}),
        },
      };
    }),
    call.version === "2023-06-01" ? 20 : 100,
  );
}

/** Over several days or members, what is distinct in one of them isn't in all: null. */
function metricsOf(
  { members, sessions, tagDays, tagMessages }: Doings,
  version: Version,
  window: Window,
  byGroup: boolean,
) {
  const aggregated = window.range || byGroup;
  const projectsCreated = PROJECTS.filter(({ created, creator }) => {
    const day = parseDay(created?.slice(0, 10) ?? "");
    return day !== undefined && day >= window.from && day < window.to && creator && members.has(creator.id);
  });
  const distinct = (count: number) => (aggregated ? null : count);
  const on = (surface: Session["surface"]) => sessions.filter((session) => session.surface === surface);
  const [chat, code, cowork] = [on("chat"), on("claude_code"), on("cowork")];
  const newer = version !== "2023-06-01";
  const fromGrain = (of: readonly Session[], modulus: number) => sum(of, ({ grain }) => grain % modulus);
  return {
    chat_metrics: {
      connectors_used_count: connectorUses(chat),
      distinct_artifacts_created_count: fromGrain(chat, 2),
      distinct_connectors_used_count: distinct(differentConnectors(chat)),
      distinct_conversation_count: distinct(chat.length),
      distinct_files_uploaded_count: distinct(fromGrain(chat, 3)),
      distinct_projects_created_count: projectsCreated.length,
      distinct_projects_used_count: distinct(new Set(chat.flatMap(({ project }) => project?.id ?? [])).size),
      distinct_shared_artifacts_viewed_count: distinct(0),
      distinct_skills_used_count: distinct(differentSkills(chat)),
      message_count: sum(chat, ({ messages }) => messages),
      shared_conversations_viewed_count: chat.filter(({ grain }) => grain % 11 === 0).length,
      thinking_message_count: sum(chat, ({ thinking }) => thinking),
    },
    claude_code_metrics: {
      core_metrics: {
        ...(newer ? { artifacts_created_count: 0 } : {}),
        commit_count: fromGrain(code, 4),
        // The one distinct count that the vendor adds up over days.
        distinct_session_count: code.length,
        lines_of_code: {
          added_count: sum(code, ({ messages, grain }) => messages * (grain % 9)),
          removed_count: sum(code, ({ messages, grain }) => messages * (grain % 5)),
        },
        pull_request_count: code.filter(({ grain }) => grain % 5 === 0).length,
      },
      tool_actions: {
        edit_tool: verdicts(code, 23, 3),
        multi_edit_tool: { accepted_count: 0, rejected_count: 0 },
        notebook_edit_tool: verdicts(code, 3, 2),
        write_tool: verdicts(code, 7, 2),
      },
    },
    cowork_metrics: {
      action_count: sum(cowork, ({ messages, grain }) => messages * 2 + (grain % 20)),
      ...(newer ? { artifacts_created_count: 0 } : {}),
      connectors_used_count: connectorUses(cowork),
      dispatch_turn_count: fromGrain(cowork, 3),
      distinct_connectors_used_count: distinct(differentConnectors(cowork)),
      distinct_plugins_used_count: null,
      distinct_session_count: distinct(cowork.length),
      distinct_skills_used_count: distinct(differentSkills(cowork)),
      edit_tool_count: fromGrain(cowork, 7),
      file_edit_count: fromGrain(cowork, 7) + fromGrain(cowork, 4),
      message_count: sum(cowork, ({ messages }) => messages),
      multi_edit_tool_count: 0,
      notebook_edit_tool_count: 0,
      plugins_used_count: null,
      sessions_with_file_edits_count: distinct(cowork.filter(({ grain }) => (grain % 7) + (grain % 4) > 0).length),
      skills_used_count: skillUses(cowork),
      write_tool_count: fromGrain(cowork, 4),
    },
    design_metrics: {
      distinct_projects_created_count: 0,
      distinct_projects_used_count: distinct(0),
      distinct_session_count: distinct(0),
      message_count: 0,
    },
    office_metrics: officeMetrics(on("office_agent"), distinct),
    science_metrics: {
      delegation_count: 0,
      distinct_session_count: distinct(0),
      message_count: 0,
      remote_compute_job_count: 0,
      skills_used_count: 0,
    },
    ...(newer ? { claude_tag_metrics: { active_day_count: tagDays, active_message_count: tagMessages } } : {}),
  };
}

function officeMetrics(sessions: readonly Session[], distinct: (count: number) => number | null) {
  const of = (app: OfficeApp) => {
    const within = sessions.filter((session) => session.app === app);
    return {
      connectors_used_count: connectorUses(within),
      distinct_connectors_used_count: distinct(differentConnectors(within)),
      distinct_session_count: distinct(within.length),
      distinct_skills_used_count: distinct(differentSkills(within)),
      message_count: sum(within, ({ messages }) => messages),
      skills_used_count: skillUses(within),
    };
  };
  return { excel: of("excel"), outlook: of("outlook"), powerpoint: of("powerpoint"), word: of("word") };
}

function verdicts(sessions: readonly Session[], most: number, mostRejected: number) {
  return {
    accepted_count: sum(sessions, ({ grain }) => grain % most),
    rejected_count: sum(sessions, ({ grain }) => grain % mostRejected),
  };
}

function connectorUses(sessions: readonly Session[]): number {
  return sum(sessions, ({ connectors }) => sum(connectors, ({ count }) => count));
}

function differentConnectors(sessions: readonly Session[]): number {
  return new Set(sessions.flatMap(({ connectors }) => connectors.map(({ connector }) => connector.name))).size;
}

function skillUses(sessions: readonly Session[]): number {
  return sum(sessions, ({ skills }) => sum(skills, ({ count }) => count));
}

function differentSkills(sessions: readonly Session[]): number {
  return new Set(sessions.flatMap(({ skills }) => skills.map(({ skill }) => skill.name))).size;
}
