import type { Day } from "./calendar.ts";
import { dayOf } from "./calendar.ts";
import type { Team } from "./company.ts";
import type { Activity } from "./cursor-activity.ts";
import { activityOf } from "./cursor-activity.ts";
import { Draws } from "./cursor-draws.ts";
import type { Seat } from "./cursor-seats.ts";
import { listedOn, SEATS } from "./cursor-seats.ts";
import { paged, Refusal, readCount, readMoment } from "./cursor-wire.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";
import { HISTORY_START } from "./volume.ts";

const DEFAULT_PAGE_SIZE = 100;
const LARGEST_PAGE_SIZE = 1_000;

const REPOSITORIES: Readonly<Record<Team, readonly [string, string]>> = {
  Platform: ["tidewater/platform", "tidewater/infrastructure"],
  Data: ["tidewater/telemetry-lake", "tidewater/pipelines"],
  "Fleet Software": ["tidewater/fleet", "tidewater/dock-control"],
  Perception: ["tidewater/perception", "tidewater/sonar-models"],
  Product: ["tidewater/console", "tidewater/handbook"],
  Operations: ["tidewater/handbook", "tidewater/handbook"],
};
const SUBJECTS = [
  "Refactor: split the planner",
  "Fix: retry on timeout",
  "Add depth calibration",
  "Tests for docking",
] as const;

interface Item {
  readonly createdAt: string;
}
type Items = (seat: Seat, day: Day, activity: Activity) => readonly Item[];

export function commits(request: SandboxRequest): SandboxResponse {
  return answer(request, commitsOf);
}

export function changes(request: SandboxRequest): SandboxResponse {
  return answer(request, changesOf);
}

/** Newest first. The dates are moments here: one without a time of day is its first millisecond. */
function answer({ url, now }: SandboxRequest, itemsOf: Items): SandboxResponse {
  const query = url.searchParams;
  const end = Math.min(readMoment(query.get("endDate") ?? "now", "endDate", now), now.getTime());
  const start = readMoment(query.get("startDate") ?? "7d", "startDate", now);
  const page = readCount(query.get("page"), "page") ?? 1;
  const pageSize = readCount(query.get("pageSize"), "pageSize", LARGEST_PAGE_SIZE) ?? DEFAULT_PAGE_SIZE;
  const user = query.get("user");
  const seats = user === null ? SEATS.filter(({ afterwards }) => afterwards !== "erased") : [readUser(user, now)];
  const items: Item[] = [];
  for (let day = dayOf(new Date(end)); day >= Math.max(dayOf(new Date(start)), HISTORY_START); day--) {
    const ofDay = seats.flatMap((seat) => itemsOf(seat, day, activityOf(seat, day, now)));
    items.push(
      ...ofDay
        .filter(({ createdAt }) => Date.parse(createdAt) >= start && Date.parse(createdAt) <= end)
        .sort((a, b) => (a.createdAt > b.createdAt ? -1 : 1)),
    );
  }
  const { rows } = paged(items, page, pageSize);
  return { status: 200, body: { items: rows, totalCount: items.length, page, pageSize } };
}

function readUser(text: string, now: Date): Seat {
  const found = listedOn(dayOf(now)).find(
    ({ id, number, email }) => id === text || `${number}` === text || email === text.toLowerCase(),
  );
  if (found === undefined) throw new Refusal(400, "Some users are not in the team");
  return found;
}

/** Every sixth event of a member ends in a commit, a few minutes later. */
function commitsOf(seat: Seat, day: Day, { happenings }: Activity): Item[] {
  return happenings
    .filter((_, index) => index % 6 === 5)
    .map(({ at, event }, index) => {
      const draws = new Draws(`cursor commit ${seat.email} ${day} ${index}`);
      const part = () => ({ added: draws.below(60), deleted: draws.below(20) });
      const [tab, composer, other] = [part(), part(), part()];
      const isPrimaryBranch = draws.chance(30);
      const inCloud = event.cloudAgentId !== undefined;
      return {
        commitHash: draws.uuid().replaceAll("-", "").slice(0, 8),
        userId: seat.id,
        userEmail: seat.email,
        repoName: draws.chance(96) ? draws.pick(REPOSITORIES[seat.team]) : null,
        branchName: isPrimaryBranch ? "main" : `work/${draws.between(100, 999)}`,
        isPrimaryBranch,
        commitSource: inCloud ? "cloud" : draws.chance(10) ? "cli" : "ide",
        totalLinesAdded: tab.added + composer.added + other.added,
        totalLinesDeleted: tab.deleted + composer.deleted + other.deleted,
        tabLinesAdded: tab.added,
        tabLinesDeleted: tab.deleted,
        composerLinesAdded: composer.added,
        composerLinesDeleted: composer.deleted,
        nonAiLinesAdded: other.added,
        nonAiLinesDeleted: other.deleted,
        message: draws.chance(95) ? draws.pick(SUBJECTS) : null,
        commitTs: new Date(at - 27_000).toISOString(),
        createdAt: new Date(at).toISOString(),
      };
    });
}

/** Every third event of a member left a change. */
function changesOf(seat: Seat, day: Day, { happenings, extensions }: Activity): Item[] {
  return happenings
    .filter((_, index) => index % 3 === 2)
    .map(({ at, event }, index) => {
      const draws = new Draws(`cursor change ${seat.email} ${day} ${index}`);
      const source = draws.chance(60) ? "COMPOSER" : "TAB";
      const metadata = extensions.slice(0, draws.between(1, 2)).map((fileExtension, file) => ({
        fileName: `src/part${draws.between(1, 40)}_${file}.${fileExtension}`,
        fileExtension,
        linesAdded: draws.below(40),
        linesDeleted: draws.below(12),
      }));
      return {
        changeId: `${700_000_000 + draws.below(99_999_999)}`,
        userId: seat.id,
        userEmail: seat.email,
        source,
        model: source === "TAB" || draws.chance(20) ? null : event.model,
        totalLinesAdded: metadata.reduce((sum, { linesAdded }) => sum + linesAdded, 0),
        totalLinesDeleted: metadata.reduce((sum, { linesDeleted }) => sum + linesDeleted, 0),
        createdAt: new Date(at).toISOString(),
        metadata,
      };
    });
}
