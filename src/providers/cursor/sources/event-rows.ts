import { type Instant, iso, startOfDay } from "../../../usage/period.ts";
import type { Usage } from "../../../usage/row.ts";
import { count, flag, type Json, optionalObject, optionalText, text } from "../../fields.ts";
import type { Directory, Question } from "../../provider.ts";
import { counts, modelOf, PRODUCT, personOf } from "../map.ts";
import { chargesOf, contradicts, type PaidBy, paidBy } from "./event-charges.ts";

type Requests = NonNullable<NonNullable<Usage["usage"]>["requests"]>;
type Tokens = NonNullable<NonNullable<Usage["usage"]>["tokens"]>;

const TOKENS = [
  ["inputTokens", "input"],
  ["outputTokens", "output"],
  ["cacheReadTokens", "cache_read"],
  ["cacheWriteTokens", "cache_write"],
] as const;

/** Kinds, models and people repeat on all pages of a question, so each is read once. */
class Repeated {
  readonly directory: Directory;
  readonly kinds = new Map<unknown, PaidBy>();
  readonly models = new Map<unknown, Usage["model"]>();
  readonly people = new Map<string | undefined, Usage["user"]>();

  constructor(directory: Directory) {
    this.directory = directory;
  }
}

const REPEATED = new WeakMap<Question, Repeated>();

function repeatedIn(question: Question, directory: Directory): Repeated {
  const known = REPEATED.get(question);
  if (known?.directory === directory) return known;
  const made = new Repeated(directory);
  REPEATED.set(question, made);
  return made;
}

/** Maps the events of one page. */
export class EventMapper {
  readonly #costOnly: boolean;
  readonly #sumsOnly: boolean;
  readonly #repeated: Repeated;
  readonly #unknown = new Set<string>();
  readonly #contradicting = new Set<string>();
  #withoutModel = 0;
  /** The day of the event before, where days will do: a page spans few. */
  #day = { start: Number.NaN, text: "" };

  constructor(question: Question, directory: Directory) {
    this.#costOnly = question.report === "cost";
    this.#sumsOnly = question.sumsOnly === true;
    this.#repeated = repeatedIn(question, directory);
  }

  map(id: string, item: Json, at: Instant): Usage {
    const by = this.#paidBy(item["kind"]);
    if (by === "unknown") this.#unknown.add(text(item["kind"]) ?? "none");
    if (contradicts(item, by)) this.#contradicting.add(text(item["kind"]) ?? "none");
    const when = this.#sumsOnly ? this.#dayOf(at) : iso(at);
    const row: Usage = {
      id,
      start_date: when,
      end_date: when,
      metric_name: "usage_event",
      product: PRODUCT,
    };
    const model = this.#model(item["model"]);
    if (model) row.model = model;
    else this.#withoutModel++;
    const [automation, agent] = [own(item, "automationId"), own(item, "cloudAgentId")];
    if (automation) row.surface = "automation";
    else if (agent) row.surface = "cloud_agent";
    const resource = automation ?? agent;
    if (resource) row.resources = [{ id: resource }];
    const user = this.#user(item);
    if (user) row.user = user;
    row.charges = chargesOf(item, by);
    if (!this.#costOnly) addUsage(row, item, by);
    if (!this.#sumsOnly) row.remote_data = item;
    return row;
  }

  /** @param others what else is to be said of the page */
  warnings(others: readonly string[]): string[] {
    const named = (kinds: ReadonlySet<string>) => [...kinds].sort().slice(0, 5).join("; ");
    const found = [...others];
    if (this.#contradicting.size > 0)
      found.push(
        `Cursor's kind and isChargeable contradict each other for events of kind ${named(this.#contradicting)}; isChargeable decides, except where the kind says not charged.`,
      );
    if (this.#unknown.size > 0)
      found.push(
        `Events of kind ${named(this.#unknown)} are not known to usage-mcp; they count as invoiced unless isChargeable is false.`,
      );
    if (this.#withoutModel > 0) found.push("Some events name no model; no filter by model takes them.");
    return found;
  }

  #dayOf(at: Instant): string {
    const start = startOfDay(at);
    if (start !== this.#day.start) this.#day = { start, text: iso(start) };
    return this.#day.text;
  }

  #paidBy(kind: unknown): PaidBy {
    const { kinds } = this.#repeated;
    const known = kinds.get(kind);
    if (known) return known;
    const by = paidBy(optionalText(kind, "Cursor", "usageEvents[].kind"));
    kinds.set(kind, by);
    return by;
  }

  #model(id: unknown): Usage["model"] {
    const { models } = this.#repeated;
    const known = models.get(id);
    if (known || models.has(id)) return known;
    const model = modelOf(id, "usageEvents[].model");
    models.set(id, model);
    return model;
  }

  /** A service account's events carry an e-mail of its own. Events of people who left the team may have none. */
  #user(item: Json): Usage["user"] {
    const { people, directory } = this.#repeated;
    const [email, id] = [own(item, "userEmail"), own(item, "serviceAccountId")];
    if (id !== undefined) return personOf({ id, email, name: item["serviceAccountName"] }, directory);
    const known = people.get(email);
    if (known || people.has(email)) return known;
    const person = personOf({ email }, directory);
    people.set(email, person);
    return person;
  }
}

/** A text that the event is identified by. */
function own(item: Json, name: string): string | undefined {
  return optionalText(item[name], "Cursor", `usageEvents[].${name}`);
}

function addUsage(row: Usage, item: Json, by: PaidBy): void {
  const usage: NonNullable<Usage["usage"]> = { requests: requestsOf(by) };
  const maxMode = flag(item["maxMode"], "Cursor", "usageEvents[].maxMode");
  if (maxMode !== undefined) usage.activity = { max_mode: maxMode };
  const tokens = tokensOf(item);
  if (tokens) usage.tokens = tokens;
  // Request units, fractional; never money, though a client or two call them cents.
  const units = count(item["requestsCosts"], "Cursor", "usageEvents[].requestsCosts");
  if (units !== undefined) {
    usage.quantity = units;
    row.unit = "request";
  }
  row.usage = usage;
}

/** What failed or was broken off is an event, but no request that counts. */
function requestsOf(by: PaidBy): Requests {
  if (by === "not_charged") return { total: 0 };
  return by === "unknown" ? { total: 1 } : { total: 1, [by]: 1 };
}

/** No tokenUsage is unknown tokens, not none; a kind of token that it lacks is none of that kind. `input` is without the cache's. */
function tokensOf(item: Json): Tokens | undefined {
  const sent = optionalObject(item["tokenUsage"], "Cursor", "usageEvents[].tokenUsage");
  const found: Tokens | undefined = sent && counts(sent, TOKENS);
  if (!found) return undefined;
  const { input = 0, output = 0, cache_read = 0, cache_write = 0 } = found;
  found.total = input + output + cache_read + cache_write;
  return found;
}
