import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cursor } from "../../src/sandbox/cursor.ts";
import { micros, sum } from "./vendors.ts";

/** A Monday: the cycle of November runs. */
const NOW = "2026-11-23T09:00:00Z";
const EVENTS = "/teams/filtered-usage-events";
const DAILY = "/teams/daily-usage-data";
const MONTH = { startDate: ms("2026-10-01T00:00:00Z"), endDate: ms("2026-10-30T23:59:59.999Z") };

function ms(text: string): number {
  return Date.parse(text);
}

function basic(user: string, password = ""): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

const KEY = cursor.account("http://127.0.0.1").credentials["api_key"] ?? "";

/** A POST of `body` when there is one. */
function ask(path: string, body?: unknown, now = NOW, headers: Record<string, string> = { authorization: basic(KEY) }) {
  const answered = cursor.handle({
    method: body === undefined ? "GET" : "POST",
    url: new URL(path, "http://127.0.0.1"),
    headers,
    body: body === undefined ? "" : JSON.stringify(body),
    number: 1,
    now: new Date(now),
  });
  return { ...answered, text: JSON.stringify(answered.body) };
}

function ok(path: string, body?: unknown, now = NOW): unknown {
  const answered = ask(path, body, now);
  expect(answered.status).toBe(200);
  return JSON.parse(answered.text);
}

const event = z.strictObject({
  timestamp: z.string().regex(/^\d{13}$/),
  userEmail: z.string().optional(),
  serviceAccountId: z.string().optional(),
  serviceAccountName: z.string().optional(),
  cloudAgentId: z.string().optional(),
  automationId: z.uuid().optional(),
  conversationId: z.uuid().optional(),
  model: z.string(),
  kind: z.enum(["Usage-based", "Included in Business", "Errored, Not Charged", "User API Key"]),
  maxMode: z.boolean(),
  requestsCosts: z.number().nullable(),
  isTokenBasedCall: z.boolean(),
  isChargeable: z.boolean(),
  isHeadless: z.boolean(),
  tokenUsage: z
    .strictObject({
      inputTokens: z.int(),
      outputTokens: z.int(),
      cacheWriteTokens: z.int().optional(),
      cacheReadTokens: z.int(),
      totalCents: z.number(),
      discountPercentOff: z.number().optional(),
    })
    .optional(),
  chargedCents: z.number(),
  cursorTokenFee: z.number().optional(),
});
type UsageEvent = z.infer<typeof event>;

const eventPage = z.strictObject({
  totalUsageEventsCount: z.int(),
  pagination: z.strictObject({
    numPages: z.int(),
    currentPage: z.int(),
    pageSize: z.int(),
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
  }),
  usageEvents: z.array(event),
  period: z.strictObject({ startDate: z.number(), endDate: z.number() }),
});

function events(range: Record<string, unknown>, pageSize = 1_000, now = NOW): UsageEvent[] {
  const all: UsageEvent[] = [];
  for (let page = 1; ; page++) {
    const read = eventPage.parse(ok(EVENTS, { ...range, page, pageSize }, now));
    expect(read.pagination).toMatchObject({ currentPage: page, pageSize, hasPreviousPage: page > 1 });
    all.push(...read.usageEvents);
    if (!read.pagination.hasNextPage) {
      expect(Math.max(1, read.pagination.numPages)).toBe(page);
      expect(all.length).toBe(read.totalUsageEventsCount);
      return all;
    }
  }
}

const count = z.int().nonnegative();
const row = z.strictObject({
  userId: z.int(),
  day: z.string(),
  date: z.int(),
  isActive: z.boolean(),
  totalLinesAdded: count,
  totalLinesDeleted: count,
  acceptedLinesAdded: count,
  acceptedLinesDeleted: count,
  totalApplies: count,
  totalAccepts: count,
  totalRejects: count,
  totalTabsShown: count,
  totalTabsAccepted: count,
  composerRequests: count,
  chatRequests: count,
  agentRequests: count,
  cmdkUsages: count,
  subscriptionIncludedReqs: count,
  apiKeyReqs: count,
  usageBasedReqs: count,
  bugbotUsages: count,
  mostUsedModel: z.string().nullable(),
  applyMostUsedExtension: z.string().startsWith(".").nullable(),
  tabMostUsedExtension: z.string().startsWith(".").nullable(),
  clientVersion: z.string().nullable(),
  email: z.string().optional(),
});
const dailyPage = z.strictObject({
  data: z.array(row),
  period: z.strictObject({ startDate: z.number(), endDate: z.number() }),
  pagination: z
    .strictObject({
      page: z.int(),
      pageSize: z.int(),
      totalUsers: z.int(),
      totalPages: z.int(),
      hasNextPage: z.boolean(),
      hasPreviousPage: z.boolean(),
    })
    .optional(),
});

const spendPage = z.strictObject({
  teamMemberSpend: z.array(
    z.strictObject({
      userId: z.string().startsWith("user_"),
      spendCents: z.number(),
      overallSpendCents: z.number(),
      fastPremiumRequests: z.int(),
      name: z.string(),
      email: z.string(),
      role: z.string(),
      hardLimitOverrideDollars: z.number(),
      monthlyLimitDollars: z.number().nullable(),
      effectivePerUserLimitDollars: z.number(),
    }),
  ),
  subscriptionCycleStart: z.int(),
  totalMembers: z.int(),
  totalPages: z.int(),
});

const memberList = z.strictObject({
  teamMembers: z.array(
    z.strictObject({
      id: z.string().startsWith("user_"),
      name: z.string(),
      email: z.string(),
      role: z.enum(["owner", "member", "free-owner"]),
      isRemoved: z.boolean(),
    }),
  ),
});

function charged(of: readonly UsageEvent[]): bigint {
  return sum(of.map(({ chargedCents }) => micros(chargedCents)));
}

function dayOf({ timestamp }: UsageEvent): string {
  return new Date(Number(timestamp)).toISOString().slice(0, 10);
}

function grouped<K>(of: readonly UsageEvent[], key: (one: UsageEvent) => K): Map<K, UsageEvent[]> {
  const groups = new Map<K, UsageEvent[]>();
  for (const one of of) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}

describe("the simulated Cursor's usage events", () => {
  const month = events(MONTH);

  it("are the same however they are paged, and newest first", () => {
    expect(month.length).toBeGreaterThan(9_000);
    expect(events(MONTH, 997)).toEqual(month);
    const at = month.map(({ timestamp }) => Number(timestamp));
    expect(at).toEqual(at.toSorted((a, b) => b - a));
    const hours = { startDate: ms("2026-10-12T22:00:00Z"), endDate: ms("2026-10-13T07:30:00Z") };
    const narrow = month.filter(
      (one) => Number(one.timestamp) >= hours.startDate && Number(one.timestamp) <= hours.endDate,
    );
    expect(narrow.length).toBeGreaterThan(15);
    expect(events(hours, 1)).toEqual(narrow);
    const week = { startDate: ms("2026-10-12T09:30:00Z"), endDate: ms("2026-10-19T13:00:00Z") };
    expect(events(week, 7)).toEqual(events(week));
  });

  it("include those of both the first and the last millisecond asked for", () => {
    const at = Number(month[500]?.timestamp);
    expect(events({ startDate: at, endDate: at }).length).toBeGreaterThan(0);
    const before = events({ startDate: at - 60_000, endDate: at - 1 });
    const after = events({ startDate: at + 1, endDate: at + 60_000 });
    const around = events({ startDate: at - 60_000, endDate: at + 60_000 });
    expect([...after, ...events({ startDate: at, endDate: at }), ...before]).toEqual(around);
  });

  it("stay as they were when time goes on, and end with now", () => {
    const range = { startDate: ms("2026-10-12T00:00:00Z"), endDate: ms("2026-10-14T23:59:59.999Z") };
    const now = "2026-10-14T11:00:00Z";
    const then = events(range, 1_000, now);
    expect(then).toEqual(events(range).filter(({ timestamp }) => Number(timestamp) <= ms(now)));
    expect(then.length).toBeLessThan(events(range).length);
  });

  it("have nothing from before the history", () => {
    expect(events({ startDate: ms("2025-06-02T00:00:00Z"), endDate: ms("2025-06-30T23:59:59.999Z") })).toEqual([]);
    expect(events({ startDate: ms("2025-07-01T00:00:00Z"), endDate: ms("2025-07-01T23:59:59.999Z") })).not.toEqual([]);
  });

  it("charge totalCents less the discount plus the fee, to the last digit", () => {
    for (const { tokenUsage, cursorTokenFee = 0, chargedCents } of month) {
      if (tokenUsage === undefined) continue;
      const left = BigInt(100 - (tokenUsage.discountPercentOff ?? 0));
      expect(100n * micros(chargedCents)).toBe(micros(tokenUsage.totalCents) * left + 100n * micros(cursorTokenFee));
    }
    expect(month.filter(({ tokenUsage }) => tokenUsage?.discountPercentOff !== undefined).length).toBeGreaterThan(100);
    expect(month.every(({ isTokenBasedCall, tokenUsage }) => isTokenBasedCall === (tokenUsage !== undefined))).toBe(
      true,
    );
    const [free, billed] = [month.filter(({ chargedCents }) => chargedCents === 0), month.filter(isBilled)];
    expect(free.length + billed.length).toBe(month.length);
    expect(new Set(free.map(({ kind }) => kind))).toEqual(new Set(["Errored, Not Charged", "User API Key"]));
    expect(month.every(({ isChargeable, kind }) => isChargeable === (kind === "Usage-based"))).toBe(true);
  });

  it("of October 2026 are these", () => {
    const october = [
      ...events({ startDate: ms("2026-10-31T00:00:00Z"), endDate: ms("2026-10-31T23:59:59.999Z") }),
      ...month,
    ];
    const byKind = new Map(
      [...grouped(october, ({ kind }) => kind)].map(([kind, of]) => [kind, [of.length, charged(of)]]),
    );
    // Micro-cents: $832.89 in all.
    expect(byKind).toEqual(
      new Map([
        ["Usage-based", [7_445, 51_093_173_730n]],
        ["Included in Business", [4_724, 32_195_885_675n]],
        ["User API Key", [218, 0n]],
        ["Errored, Not Charged", [368, 0n]],
      ]),
    );
  });

  it("come with a pair alike in everything, a service account, cloud agents and an automation", () => {
    const seen = new Set<string>();
    const twins = month.filter((one) => seen.size === seen.add(JSON.stringify(one)).size);
    expect(twins.length).toBeGreaterThan(0);
    const robots = month.filter(({ serviceAccountId }) => serviceAccountId !== undefined);
    expect(new Set(robots.map((one) => `${one.serviceAccountName} ${one.isHeadless}`))).toEqual(
      new Set(["Nightly CI Agent true"]),
    );
    expect(events({ ...MONTH, serviceAccountId: robots[0]?.serviceAccountId })).toEqual(robots);
    const inCloud = month.filter(({ cloudAgentId }) => cloudAgentId !== undefined);
    expect(events({ ...MONTH, cloudAgentId: "*" })).toEqual(inCloud);
    expect(events({ ...MONTH, hostingType: "CLOUD" })).toEqual(inCloud);
    expect(events({ ...MONTH, hostingType: "SELF_HOSTED" })).toEqual([]);
    const automated = month.filter(({ automationId }) => automationId !== undefined);
    expect(events({ ...MONTH, automationId: automated[0]?.automationId })).toEqual(automated);
    expect(inCloud.length).toBeGreaterThan(automated.length);
    const email = automated[0]?.userEmail;
    expect(events({ ...MONTH, email })).toEqual(month.filter(({ userEmail }) => userEmail === email));
  });

  it("show working weeks, the incident of 13 to 15 October, and a plan that is used up within the month", () => {
    const days = grouped(month, dayOf);
    const of = (day: string) => charged(days.get(`2026-10-${day}`) ?? []);
    for (const weekend of ["10", "11", "17", "18"]) expect(4n * of(weekend)).toBeLessThan(of("07"));
    for (const usual of ["06", "07", "08", "20", "21", "22"]) {
      expect(2n * of("14")).toBeGreaterThan(3n * of(usual));
      expect(of("13")).toBeGreaterThan(of(usual));
    }
    const onDemand = (day: string) =>
      days.get(`2026-10-${day}`)?.filter(({ kind }) => kind === "Usage-based").length ?? 0;
    expect(onDemand("01")).toBeLessThan(60);
    expect(onDemand("28")).toBeGreaterThan(4 * onDemand("01"));
  });

  it("lack the address of a member long gone, who is in no list either", () => {
    const july = events({ startDate: ms("2025-07-01T00:00:00Z"), endDate: ms("2025-07-30T23:59:59.999Z") });
    expect(july.filter(({ userEmail }) => userEmail === undefined).length).toBeGreaterThan(100);
    expect(july.some(({ userEmail }) => userEmail?.startsWith("ewan.carstairs@") === true)).toBe(true);
    const { teamMembers } = memberList.parse(ok("/teams/members"));
    expect(teamMembers.filter(({ isRemoved }) => isRemoved).map(({ name }) => name)).toEqual(["Gwen Tregarthen"]);
    const names = teamMembers.map(({ name }) => name);
    expect(names).not.toContain("Ewan Carstairs");
    expect(names).not.toContain("Viktor Hollosi");
    const then = memberList.parse(ok("/teams/members", undefined, "2025-11-03T09:00:00Z")).teamMembers;
    expect(then.every(({ isRemoved }) => !isRemoved)).toBe(true);
    expect(then.map(({ name }) => name)).toContain("Ewan Carstairs");
  });
});

function isBilled({ chargedCents }: UsageEvent): boolean {
  return chargedCents > 0;
}

describe("the simulated Cursor's daily rows", () => {
  const whole = dailyPage.parse(ok(DAILY, { ...MONTH, page: 1, pageSize: 1_000 }));

  it("count the events of a member and day", () => {
    const kinds = [
      ["subscriptionIncludedReqs", "Included in Business"],
      ["usageBasedReqs", "Usage-based"],
      ["apiKeyReqs", "User API Key"],
    ] as const;
    const counts = new Map<string, number>();
    for (const one of events(MONTH)) {
      const key = `${one.userEmail} ${dayOf(one)} ${one.kind}`;
      if (one.serviceAccountId === undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const one of whole.data) {
      for (const [field, kind] of kinds) {
        expect(one[field]).toBe(counts.get(`${one.email} ${one.day} ${kind}`) ?? 0);
        counts.delete(`${one.email} ${one.day} ${kind}`);
      }
    }
    expect([...counts.keys()].filter((key) => !key.includes("Errored"))).toEqual([]);
  });

  it("are of every member when asked in pages of members", () => {
    expect(whole.pagination).toEqual({
      page: 1,
      pageSize: 1_000,
      totalUsers: 32,
      totalPages: 1,
      hasNextPage: false,
      hasPreviousPage: false,
    });
    expect(whole.data.length).toBe(32 * 30);
    const inPages = [1, 2, 3, 4, 5].flatMap((page) => {
      const read = dailyPage.parse(ok(DAILY, { ...MONTH, page, pageSize: 7 }));
      expect(read.pagination).toMatchObject({ totalPages: 5, hasNextPage: page < 5, hasPreviousPage: page > 1 });
      return read.data;
    });
    expect(inPages).toEqual(whole.data);
    const idle = whole.data.filter(({ isActive }) => !isActive);
    expect(idle.length).toBeGreaterThan(200);
    for (const { userId, day, date, isActive, email, ...rest } of idle) {
      expect(date).toBe(ms(`${day}T00:00:00Z`));
      expect(Object.values(rest).filter((value) => value !== 0 && value !== null)).toEqual([]);
    }
  });

  it("are of the active only when not, and have no pagination then", () => {
    const read = dailyPage.parse(ok(DAILY, MONTH));
    expect("pagination" in read).toBe(false);
    expect(read.data).toEqual(whole.data.filter(({ isActive }) => isActive));
  });

  it("leave out who joined later, and end today", () => {
    const range = { startDate: ms("2026-05-20T00:00:00Z"), endDate: ms("2026-05-31T23:59:59.999Z") };
    const emails = dailyPage
      .parse(ok(DAILY, { ...range, page: 1, pageSize: 1_000 }))
      .data.map(({ email }) => email ?? "");
    expect(emails.some((email) => email.startsWith("gwen."))).toBe(true);
    expect(emails.some((email) => email.startsWith("pavel."))).toBe(false);
    const now = { startDate: ms("2026-11-20T00:00:00Z"), endDate: ms("2026-12-01T00:00:00Z") };
    const days = dailyPage.parse(ok(DAILY, { ...now, page: 1, pageSize: 1_000 })).data.map(({ day }) => day);
    expect([...new Set(days)]).toEqual(["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]);
  });

  it("have the same amount in agent edits as the analytics", () => {
    const analytics = z
      .object({ data: z.array(z.looseObject({ event_date: z.string(), total_accepted_diffs: z.int() })) })
      .parse(ok("/analytics/team/agent-edits?startDate=2026-10-01&endDate=2026-10-30"));
    for (const { event_date, total_accepted_diffs } of analytics.data) {
      const accepts = whole.data.filter(({ day }) => day === event_date).map(({ totalAccepts }) => totalAccepts);
      expect(accepts.reduce((a, b) => a + b, 0)).toBe(total_accepted_diffs);
    }
    expect(analytics.data.length).toBe(30);
  });
});

describe("the simulated Cursor's spend", () => {
  const read = spendPage.parse(ok("/teams/spend", {}));

  it("is what the events of the cycle charge", () => {
    expect(read.subscriptionCycleStart).toBe(ms("2026-11-01T00:00:00Z"));
    expect(read).toMatchObject({ totalMembers: 32, totalPages: 1 });
    const cycle = grouped(events({ startDate: read.subscriptionCycleStart, endDate: ms(NOW) }), (one) => one.userEmail);
    for (const { email, spendCents, overallSpendCents, fastPremiumRequests } of read.teamMemberSpend) {
      const all = cycle.get(email) ?? [];
      const onDemand = all.filter(({ kind }) => kind === "Usage-based");
      expect(micros(overallSpendCents)).toBe(charged(all));
      expect(micros(spendCents)).toBe(charged(onDemand));
      expect(fastPremiumRequests).toBe(onDemand.length);
      cycle.delete(email);
    }
    // Members have rows, the service account has none.
    expect([...cycle.keys()]).toEqual(["ci-agent@tidewater-robotics.example"]);
  });

  it("is sorted and searched as asked, and ends at totalPages", () => {
    const names = [1, 2, 3, 4].flatMap((page) => {
      const body = { sortBy: "user", sortDirection: "asc", page, pageSize: 10 };
      const { teamMemberSpend, totalPages } = spendPage.parse(ok("/teams/spend", body));
      expect(totalPages).toBe(4);
      return teamMemberSpend.map(({ name }) => name);
    });
    expect(names).toEqual(read.teamMemberSpend.map(({ name }) => name).sort());
    const byAmount = spendPage.parse(ok("/teams/spend", { sortBy: "amount" })).teamMemberSpend;
    const amounts = byAmount.map(({ overallSpendCents }) => overallSpendCents);
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
    const found = spendPage.parse(ok("/teams/spend", { searchTerm: "Rafael" })).teamMemberSpend;
    expect(found.map(({ email }) => email)).toEqual(["rafael.quintas@tidewater-robotics.example"]);
  });

  it("of the groups is by day and adds up to the events, too", () => {
    const group = z.looseObject({
      name: z.string(),
      memberCount: z.int(),
      spendCents: z.number(),
      currentMembers: z.array(z.looseObject({ spendCents: z.number(), leftAt: z.null() })),
      formerMembers: z.array(z.looseObject({ spendCents: z.number(), leftAt: z.string() })),
      dailySpend: z.array(z.strictObject({ date: z.string(), spendCents: z.number() })),
    });
    const { groups, unassignedGroup, billingCycle } = z
      .strictObject({ groups: z.array(group), unassignedGroup: group, billingCycle: z.unknown() })
      .parse(ok("/teams/groups?billingCycle=2026-08-20"));
    expect(billingCycle).toEqual({ cycleStart: "2026-08-01T00:00:00.000Z", cycleEnd: "2026-09-01T00:00:00.000Z" });
    const all = [...groups, unassignedGroup];
    expect(all.map(({ name }) => name)).toEqual(["Platform", "Data", "Fleet Software", "Perception", "Unassigned"]);
    for (const { spendCents, currentMembers, formerMembers, dailySpend, memberCount } of all) {
      const cents = (of: readonly { spendCents: number }[]) => sum(of.map((one) => micros(one.spendCents)));
      expect(cents([...currentMembers, ...formerMembers])).toBe(micros(spendCents));
      expect(cents(dailySpend)).toBe(micros(spendCents));
      expect(currentMembers.length).toBe(memberCount);
    }
    expect(groups.map(({ formerMembers }) => formerMembers.length)).toEqual([0, 0, 0, 1]);
    const august = [
      ...events({ startDate: ms("2026-08-01T00:00:00Z"), endDate: ms("2026-08-30T23:59:59.999Z") }),
      ...events({ startDate: ms("2026-08-31T00:00:00Z"), endDate: ms("2026-08-31T23:59:59.999Z") }),
    ];
    expect(sum(all.map((one) => micros(one.spendCents)))).toBe(
      charged(august.filter(({ serviceAccountId }) => serviceAccountId === undefined)),
    );
  });
});

describe("the simulated Cursor's analytics", () => {
  const RANGE = "startDate=2026-10-05&endDate=2026-10-11";
  const series = z.strictObject({
    data: z.array(z.record(z.string(), z.unknown())),
    params: z.strictObject({ metric: z.string(), teamId: z.int(), startDate: z.string(), endDate: z.string() }),
  });
  const edits = [
    "event_date",
    "total_accepted_diffs",
    "total_green_lines_accepted",
    "total_green_lines_rejected",
    "total_green_lines_suggested",
    "total_lines_accepted",
    "total_lines_suggested",
    "total_red_lines_accepted",
    "total_red_lines_rejected",
    "total_red_lines_suggested",
    "total_rejected_diffs",
    "total_suggested_diffs",
  ];
  const tabs = [
    ...edits.filter((field) => !field.endsWith("diffs")),
    "total_accepts",
    "total_rejects",
    "total_suggestions",
  ];
  const files = [
    "total_accepts",
    "total_files",
    "total_lines_accepted",
    "total_lines_rejected",
    "total_lines_suggested",
  ];

  it.each([
    ["agent-edits", edits],
    ["tabs", tabs.sort()],
    ["dau", ["bugbot_dau", "cli_dau", "cloud_agent_dau", "date", "dau"]],
    ["client-versions", ["client_version", "event_date", "percentage", "user_count"]],
    ["models", ["date", "model_breakdown"]],
    ["top-file-extensions", ["event_date", "file_extension", ...files, "total_rejects"]],
    ["mcp", ["event_date", "mcp_server_name", "tool_name", "usage"]],
    ["commands", ["command_name", "event_date", "usage"]],
    ["plans", ["event_date", "model", "usage"]],
    ["skills", ["event_date", "skill_name", "usage"]],
    ["ask-mode", ["event_date", "model", "usage"]],
  ])("of the team for %s have the documented fields", (metric, fields) => {
    const { data, params } = series.parse(ok(`/analytics/team/${metric}?${RANGE}`));
    expect(data.length).toBeGreaterThanOrEqual(7);
    for (const one of data) expect(Object.keys(one).sort()).toEqual(fields);
    expect(params).toEqual({
      metric: metric === "top-file-extensions" ? "top-files" : metric,
      teamId: expect.any(Number),
      startDate: "2026-10-05",
      endDate: "2026-10-11",
    });
  });

  it("of the users add up to the team's, over pages of users", () => {
    const rows = z.array(z.strictObject({ event_date: z.string(), model: z.string(), usage: z.int() }));
    const byUser = z.strictObject({
      data: z.record(z.string(), rows),
      pagination: z.looseObject({ totalUsers: z.int(), hasNextPage: z.boolean() }),
      params: z.looseObject({ userMappings: z.array(z.strictObject({ id: z.string(), email: z.string() })) }),
    });
    const usage = new Map<string, number>();
    let users = 0;
    for (let page = 1; ; page++) {
      const read = byUser.parse(ok(`/analytics/by-user/ask-mode?${RANGE}&page=${page}&pageSize=9`));
      expect(read.params.userMappings.map(({ email }) => email)).toEqual(Object.keys(read.data));
      users += Object.keys(read.data).length;
      for (const one of Object.values(read.data).flat()) {
        const key = `${one.event_date} ${one.model}`;
        usage.set(key, (usage.get(key) ?? 0) + one.usage);
      }
      if (read.pagination.hasNextPage) continue;
      expect(users).toBe(read.pagination.totalUsers);
      break;
    }
    const team = z.object({ data: rows }).parse(ok(`/analytics/team/ask-mode?${RANGE}`)).data;
    expect(usage).toEqual(new Map(team.map((one) => [`${one.event_date} ${one.model}`, one.usage])));
  });

  it("are not sent again to who has them", () => {
    const path = `/analytics/team/dau?${RANGE}`;
    const { headers } = ask(path);
    const again = ask(path, undefined, NOW, { authorization: basic(KEY), "if-none-match": headers?.["etag"] ?? "" });
    expect(again).toMatchObject({ status: 304, body: null });
    expect(headers?.["cache-control"]).toBe("public, max-age=900");
  });

  it.each(["commits", "changes"])("have the code's %s in pages with a totalCount", (name) => {
    const page = z.strictObject({
      items: z.array(z.looseObject({ createdAt: z.string(), userEmail: z.string() })),
      totalCount: z.int(),
      page: z.int(),
      pageSize: z.int(),
    });
    const range = "startDate=2026-10-05T00:00:00Z&endDate=2026-10-11T23:59:59.999Z";
    const read = (size: number, number: number) =>
      page.parse(ok(`/analytics/ai-code/${name}?${range}&pageSize=${size}&page=${number}`));
    const whole = read(1_000, 1);
    expect(whole.items.length).toBe(whole.totalCount);
    expect(whole.totalCount).toBeGreaterThan(150);
    const pages = Array.from({ length: Math.ceil(whole.totalCount / 90) }, (_, index) => read(90, index + 1));
    expect(pages.flatMap(({ items }) => items)).toEqual(whole.items);
    const mine = page.parse(
      ok(`/analytics/ai-code/${name}?${range}&pageSize=1000&user=mirja.koskela@tidewater-robotics.example`),
    );
    expect(mine.items).toEqual(whole.items.filter(({ userEmail }) => userEmail.startsWith("mirja.")));
  });
});

describe("the simulated Cursor refuses", () => {
  it.each([
    ["no key", {}],
    ["another key", { authorization: basic("key_other") }],
    ["the key with a password", { authorization: basic(KEY, "x") }],
    ["the key as a bearer", { authorization: `Bearer ${KEY}` }],
  ])("%s", (_, headers) => {
    expect(ask("/teams/members", undefined, NOW, headers)).toMatchObject({
      status: 401,
      body: { error: "Unauthorized", message: "Invalid API key" },
    });
  });

  const long = { startDate: ms("2026-10-01T00:00:00Z"), endDate: ms("2026-10-31T00:00:00.001Z") };
  it.each([
    ["more than 30 days of events", EVENTS, long, 400],
    ["more than 30 days of rows", DAILY, long, 400],
    ["31 days of analytics", "/analytics/team/dau?startDate=2026-10-01&endDate=2026-10-31", undefined, 400],
    ["events by dates that are strings", EVENTS, { startDate: "1759276800000" }, 500],
    ["page 0 of events", EVENTS, { page: 0 }, 400],
    ["page 0 of rows", DAILY, { page: 0, pageSize: 10 }, 400],
    ["page 0 of analytics", "/analytics/by-user/tabs?page=0", undefined, 400],
    ["more than a thousand events a page", EVENTS, { pageSize: 1_001 }, 400],
    ["an unknown kind of hosting", EVENTS, { hostingType: "MOON" }, 400],
    ["an unknown path", "/teams/usage-events", {}, 404],
    ["an unknown metric", "/analytics/team/constructor", undefined, 404],
    ["daily active users by user", "/analytics/by-user/dau", undefined, 404],
  ])("%s", (_, path, body, status) => {
    const { status: got, body: failure } = ask(path, body);
    expect(got).toBe(status);
    expect(failure).toEqual({ error: expect.any(String), message: expect.any(String) });
  });

  it("users who are not in the team", () => {
    const { status, body } = ask("/analytics/by-user/tabs?users=fiona@nowhere.example");
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: "Bad Request", message: "Some users are not in the team" },
    });
  });

  it("neither exactly 30 days nor rows by dates that are strings", () => {
    expect(ask(EVENTS, { ...long, endDate: long.endDate - 1 }).status).toBe(200);
    expect(ask(DAILY, { startDate: "2026-10-01", endDate: "2026-10-05" }).status).toBe(200);
    expect(ask("/analytics/team/dau?startDate=2026-10-01&endDate=2026-10-30").status).toBe(200);
  });
});
