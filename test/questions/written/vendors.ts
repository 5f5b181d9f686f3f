import { asked, bucket, page as claudePage, ENTERPRISE } from "../../providers/claude/claude.ts";
import { cursorAnswers, EVENTS, event, eventsOf } from "../../providers/cursor/api.ts";
import { confluentAnswers, costByOrg, costList, datadogAnswers, type Item, json } from "../../providers/edge.ts";
import { CHATGPT, page as codexPage, codexPath, serveHost, WORKSPACE } from "../../providers/openai-codex/openai.ts";

/** Vendors as the written questions have them: each answers with what lies in the range that it is asked for. */

export const CLAUDE = ENTERPRISE;
export const CODEX = { ...WORKSPACE, id: "codex" };
export const CURSOR = { id: "cursor", provider: "cursor", credentials: { api_key: "crsr_s3cret" } } as const;

/** Amounts are decimal strings in cents. */
interface ClaudeAmount {
  amount: string;
  list_amount: string;
  currency?: string;
}

/** @param byDay the organization's costs @param byPerson what of 5 October is tied to people, by e-mail */
export function claudeIn(byDay: Record<string, ClaudeAmount[]>, byPerson: Record<string, ClaudeAmount> = {}): void {
  const costs = Object.entries(byDay).map(([day, results]) =>
    bucket(
      day,
      results.map((result) => claudeRow(result)),
    ),
  );
  asked("cost", () => claudePage(costs));
  asked("user_cost", () =>
    claudePage(
      Object.entries(byPerson).map(([email, amount], index) => ({
        ...claudeRow(amount),
        actor: { type: "user_actor", user_id: `user_${index}`, email_address: email, name: null, deleted: false },
        // As for any question by the day.
        starting_at: "2026-10-05T00:00:00Z",
        ending_at: "2026-10-06T00:00:00Z",
      })),
    ),
  );
}

function claudeRow({ amount, list_amount, currency = "USD" }: ClaudeAmount): Item {
  return { amount, list_amount, currency, product: null, model: null, cost_type: null, token_type: null, requests: 1 };
}

/** Dollars a person and day. */
export function codexIn(days: readonly { day: string; email: string; cost_usd: number }[]): void {
  const rows = days.map(({ day, email, cost_usd }, index) => {
    const start_time = Date.parse(day) / 1000;
    const user_id = `codex-user-${index}`;
    return {
      object: "workspace.codex.usage.result",
      start_time,
      end_time: start_time + 86_400,
      user_id,
      actor: { type: "ACCOUNT_USER", user_id, email },
      totals: { threads: 1, turns: 1, credits: 0, cost_usd },
      clients: [],
      models: null,
      code_attribution: null,
    };
  });
  serveHost(CHATGPT, {
    [codexPath("usage")]: ({ searchParams }) =>
      codexPage(
        rows.filter(
          ({ start_time }) =>
            start_time >= Number(searchParams.get("start_time")) && start_time < Number(searchParams.get("end_time")),
        ),
      ),
  });
}

/** Events at their instants; both ends of what is asked for are in it. */
export function cursorIn(events: readonly (Item & { at: string })[]): void {
  const all = events.map(({ at, ...fields }) => {
    const one = event({ ...fields, timestamp: String(Date.parse(at)) });
    if (!("userEmail" in fields)) delete one["userEmail"];
    return one;
  });
  cursorAnswers({ [EVENTS]: eventsOf(() => all) });
}

/** Datadog's bills: dollars by month and product, of one organization. */
export function datadogIn(months: Record<string, Record<string, number>>): void {
  const bills = Object.entries(months).map(([month, products]) => ({
    month,
    entry: costByOrg({
      date: `${month}-01T00:00:00Z`,
      charges: Object.entries(products).map(([product_name, cost]) => ({ product_name, charge_type: "total", cost })),
    }),
  }));
  datadogAnswers({
    historical: ({ searchParams }) => {
      const [first, last] = [searchParams.get("start_month") ?? "", searchParams.get("end_month") ?? ""];
      return json({ data: bills.filter(({ month }) => month >= first && month <= last).map(({ entry }) => entry) });
    },
  });
}

const UNAVAILABLE = () => json({ errors: [{ status: "503", detail: "Service unavailable" }] }, 503);

/** Lines of the last day of a month, by month; a month that is `down` is refused. */
export function confluentIn(months: Record<string, readonly Item[] | "down">): void {
  confluentAnswers(({ searchParams }) => {
    const month = (searchParams.get("start_date") ?? "").slice(0, 7);
    const lines = months[month] ?? [];
    if (lines === "down") return UNAVAILABLE();
    const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);
    const day = { start_date: last, end_date: searchParams.get("end_date"), granularity: "DAILY" };
    return costList(lines.map((line) => ({ ...day, unit: "GB", quantity: 1, ...line })));
  });
}

/** Whatever Confluent is asked. */
export function confluentDown(): void {
  confluentAnswers(UNAVAILABLE);
}
