import type { Account, ProviderId } from "../accounts/account.ts";
import type { CacheConfig } from "../cache/config.ts";
import { notFound, UsageError } from "../errors.ts";
import type { FocusCharge } from "../focus/charge.ts";
import type { Log } from "../log.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import { NO_TELEMETRY, type Telemetry } from "../telemetry.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import type { Query } from "../usage/query.ts";
import type { ReportType } from "../usage/report.ts";
import type { Bounds } from "../vendor-http/bounds.ts";
import type { PacerOptions } from "../vendor-http/pacer.ts";
import type { Answers, DescribedAccount } from "./answers.ts";
import type { DescribedProvider } from "./describe.ts";
import type { ExplainRequest } from "./explain-change.ts";
import type { CostExportRequest, ExportEnd } from "./export-cost.ts";
import type { CostForecast, ForecastRequest } from "./forecast/forecast-cost.ts";
import type { PageOptions } from "./list.ts";
import type { Item, ListAnswer } from "./list-answer.ts";
import type { Progress } from "./pages.ts";
import type { StreamEnd } from "./stream.ts";
import type { CostSummaryRequest } from "./summarize.ts";
import type { UsageSummaryRequest } from "./summarize-usage.ts";
import type { ChangeExplanation } from "./write-change.ts";
import type { CostSummary } from "./write-cost.ts";
import type { UsageSummary } from "./write-usage.ts";

/** What a front passes with every call. */
export interface Call {
  signal: AbortSignal;
  /** When the caller's time is over, by `performance.now()`: no vendor's limit is waited for beyond it. */
  deadline?: number;
  progress?: Progress;
  /** The request that it belongs to, for logs. */
  requestId?: string;
}

export interface DescribeRequest {
  provider?: ProviderId | undefined;
  integrated_account_id?: string | undefined;
  report_type?: ReportType | undefined;
}

export interface EngineParts {
  accounts: readonly Account[];
  cursors: CursorCodec;
  clock: () => Instant;
  log: Log;
  telemetry?: Telemetry;
  /** What is kept of the vendors' answers, and where. Absent: a little, in memory. */
  cache?: CacheConfig;
  pace?: PacerOptions;
  /** How long and how large a vendor's answer may be, where that is not as usual. */
  bounds?: Partial<Bounds>;
}

/**
 * Everything that fronts and tools can ask. Knows neither MCP nor REST nor a terminal. What answers (the vendors' adapters,
 * paging, sums) is loaded with the first question: a server that only lists its tools needs none of it.
 */
export class Engine {
  readonly accounts: readonly Account[];
  readonly clock: () => Instant;
  /** Where fronts count what they answered. */
  readonly telemetry: Telemetry;
  readonly #parts: EngineParts;
  readonly #loading: Loading;

  constructor(parts: EngineParts, loading = new Loading(parts)) {
    this.accounts = parts.accounts;
    this.clock = parts.clock;
    this.telemetry = parts.telemetry ?? NO_TELEMETRY;
    this.#parts = parts;
    this.#loading = loading;
  }

  /** The same engine as a caller sees it who may use some of the accounts only: to them there are no others. */
  only(allowed: (account: Account) => boolean): Engine {
    return new Engine({ ...this.#parts, accounts: this.accounts.filter(allowed) }, this.#loading);
  }

  /** Ends what was begun: what is to be kept is written. */
  async close(): Promise<void> {
    await this.#loading.close();
  }

  async listAccounts(): Promise<DescribedAccount[]> {
    return (await this.#loading.answers()).listAccounts(this.accounts);
  }

  /** @throws UsageError (question): an account or provider that there isn't */
  async describe(request: DescribeRequest): Promise<DescribedProvider[]> {
    const account =
      request.integrated_account_id === undefined ? undefined : this.account(request.integrated_account_id);
    return (await this.#loading.answers()).describe(request, account, this.accounts);
  }

  /** @throws UsageError */
  async listUsage(query: Query, call: Call, options: PageOptions): Promise<ListAnswer> {
    const account = this.account(query.integrated_account_id);
    return (await this.#loading.answers()).listUsage(query, account, call, options);
  }

  /**
   * Every row of a listing (or the first `limit`), given as the vendor's pages arrive; what an answer says besides its rows
   * comes last. @throws UsageError before the first row; a failure behind it ends the stream and is in what comes last
   */
  async *streamUsage(
    query: Query,
    call: Call,
    options: { withRemoteData: boolean },
  ): AsyncGenerator<Item[], StreamEnd> {
    const account = this.account(query.integrated_account_id);
    return yield* (await this.#loading.answers()).streamUsage(query, account, call, options);
  }

  /**
   * The answer of {@link listUsage}, or of {@link streamUsage} for that format, as it is without rows: no vendor is asked.
   * @throws UsageError (question): what is wrong with the query
   */
  async checkUsage(query: Query): Promise<Omit<ListAnswer, "hint">> {
    const account = this.account(query.integrated_account_id);
    return (await this.#loading.answers()).checkUsage(query, account);
  }

  /** @throws UsageError */
  async summarizeCost(request: CostSummaryRequest, call: Call): Promise<CostSummary> {
    return (await this.#loading.answers()).summarizeCost(request, call);
  }

  /** @throws UsageError */
  async summarizeUsage(request: UsageSummaryRequest, call: Call): Promise<UsageSummary> {
    return (await this.#loading.answers()).summarizeUsage(request, call);
  }

  /** What the running month will come to. @throws UsageError */
  async forecastCost(request: ForecastRequest, call: Call): Promise<CostForecast> {
    return (await this.#loading.answers()).forecastCost(request, call);
  }

  /**
   * Every charge of the accounts, given as the vendors' pages arrive; what is said of them comes last.
   * @throws UsageError when no account gave anything; one that fails beside others is in what comes last
   */
  async *exportCost(request: CostExportRequest, call: Call): AsyncGenerator<FocusCharge[], ExportEnd> {
    return yield* (await this.#loading.answers()).exportCost(request, call);
  }

  /** @throws UsageError */
  async explainChange(request: ExplainRequest, call: Call): Promise<ChangeExplanation> {
    return (await this.#loading.answers()).explainChange(request, call);
  }

  /** The account of an id; without one, the only account there is. @throws UsageError (question) listing what there is */
  account(id: string | undefined, parameter = "integrated_account_id"): Account {
    const ids = this.accounts.map((account) => account.id);
    const account = id === undefined ? soleAccount(this.accounts) : this.accounts.find((one) => one.id === id);
    if (account) return account;
    if (ids.length === 0) throw notFound(parameter, "there is no account that you may use; ask the operator for one.");
    if (id === undefined) throw needed(parameter, `is needed, since there are several accounts: ${listed(ids)}.`);
    throw notFound(parameter, `there is no account ${shown(id)}; there are ${listed(ids)}.${didYouMean(id, ids)}`);
  }
}

function needed(parameter: string, message: string): UsageError {
  return new UsageError("question", `${parameter}: ${message}`, { parameter, missing: true });
}

function soleAccount([only, ...others]: readonly Account[]): Account | undefined {
  return others.length === 0 ? only : undefined;
}

/** What answers, once the first question needs it. */
class Loading {
  readonly #parts: EngineParts;
  #answers: Promise<Answers> | undefined;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  answers(): Promise<Answers> {
    this.#answers ??= import("./answers.ts").then(({ Answers }) => new Answers(this.#parts));
    return this.#answers;
  }

  async close(): Promise<void> {
    await (await this.#answers)?.close();
  }
}
