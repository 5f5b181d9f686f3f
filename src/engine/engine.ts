import type { Account, ProviderId } from "../accounts/account.ts";
import { badParameter } from "../errors.ts";
import type { Log } from "../log.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import type { Query } from "../usage/query.ts";
import type { ReportType } from "../usage/report.ts";
import type { Answers, DescribedAccount } from "./answers.ts";
import type { DescribedProvider } from "./describe.ts";
import type { ListAnswer } from "./list.ts";
import type { Progress } from "./pages.ts";
import type { CostSummaryRequest } from "./summarize.ts";
import type { CostSummary } from "./write-cost.ts";

/** What a front passes with every call. */
export interface Call {
  signal: AbortSignal;
  progress?: Progress;
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
}

/**
 * Everything that fronts and tools can ask. Knows neither MCP nor REST nor a terminal. What answers (the vendors' adapters,
 * paging, sums) is loaded with the first question: a server that only lists its tools needs none of it.
 */
export class Engine {
  readonly accounts: readonly Account[];
  readonly clock: () => Instant;
  readonly #parts: EngineParts;
  #answers: Promise<Answers> | undefined;

  constructor(parts: EngineParts) {
    this.accounts = parts.accounts;
    this.clock = parts.clock;
    this.#parts = parts;
  }

  async listAccounts(): Promise<DescribedAccount[]> {
    return (await this.#load()).listAccounts();
  }

  /** @throws UsageError (question): an account or provider that there isn't */
  async describe(request: DescribeRequest): Promise<DescribedProvider[]> {
    const account =
      request.integrated_account_id === undefined ? undefined : this.account(request.integrated_account_id);
    return (await this.#load()).describe(request, account);
  }

  /** @param options.budget characters of JSON that the rows may fill @throws UsageError */
  async listUsage(query: Query, call: Call, options: { budget: number; withRemoteData: boolean }): Promise<ListAnswer> {
    const account = this.account(query.integrated_account_id);
    return (await this.#load()).listUsage(query, account, call, options);
  }

  /** @throws UsageError */
  async summarizeCost(request: CostSummaryRequest, call: Call): Promise<CostSummary> {
    return (await this.#load()).summarizeCost(request, call);
  }

  /** The account of an id; without one, the only account there is. @throws UsageError (question) listing what there is */
  account(id: string | undefined, parameter = "integrated_account_id"): Account {
    const ids = this.accounts.map((account) => account.id);
    if (id === undefined) {
      const [only, ...others] = this.accounts;
      if (only && others.length === 0) return only;
      throw badParameter(parameter, `is needed, since there are several accounts: ${listed(ids)}.`);
    }
    const account = this.accounts.find((candidate) => candidate.id === id);
    if (account) return account;
    throw badParameter(parameter, `there is no account ${shown(id)}; there are ${listed(ids)}.${didYouMean(id, ids)}`);
  }

  #load(): Promise<Answers> {
    this.#answers ??= import("./answers.ts").then(({ Answers }) => new Answers(this.#parts));
    return this.#answers;
  }
}
