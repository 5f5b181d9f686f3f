import { type Account, PROVIDERS, type ProviderId } from "../accounts/account.ts";
import { badParameter } from "../errors.ts";
import type { Log } from "../log.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { ProviderSupport } from "../providers/provider.ts";
import { didYouMean, listed, shown } from "../suggest.ts";
import type { CursorCodec } from "../usage/cursor.ts";
import type { Instant } from "../usage/period.ts";
import type { Query } from "../usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { VendorHttp } from "../vendor-http/client.ts";
import { type DescribedProvider, describeProvider } from "./describe.ts";
import { type ListAnswer, listUsage } from "./list.ts";
import { readListing } from "./listing.ts";
import { Names } from "./names.ts";
import type { CallContext, Progress } from "./pages.ts";
import { type CostSummaryRequest, summarizeCost } from "./summarize.ts";
import type { CostSummary } from "./write-cost.ts";

/** What a front passes with every call. */
export interface Call {
  signal: AbortSignal;
  progress?: Progress;
}

export interface DescribedAccount {
  integrated_account_id: string;
  provider: ProviderId;
  name: string;
  report_types: ReportType[];
  default_report_type: ReportType;
}

/** Everything that fronts and tools can ask. Knows neither MCP nor REST nor a terminal. */
export class Engine {
  readonly accounts: readonly Account[];
  readonly clock: () => Instant;
  readonly #cursors: CursorCodec;
  readonly #http: VendorHttp;
  readonly #names: Names;

  constructor(parts: { accounts: readonly Account[]; cursors: CursorCodec; clock: () => Instant; log: Log }) {
    this.accounts = parts.accounts;
    this.clock = parts.clock;
    this.#cursors = parts.cursors;
    this.#http = new VendorHttp(parts.log);
    this.#names = new Names(parts.log, parts.clock);
  }

  listAccounts(): DescribedAccount[] {
    return this.accounts.map((account) => {
      const support = supportOf(account);
      return {
        integrated_account_id: account.id,
        provider: account.provider,
        name: account.name,
        report_types: REPORT_TYPES.filter((type) => support.reports[type]),
        default_report_type: support.defaultReport.plain,
      };
    });
  }

  /** @throws UsageError (question): an account or provider that there isn't */
  describe(request: {
    provider?: ProviderId | undefined;
    integrated_account_id?: string | undefined;
    report_type?: ReportType | undefined;
  }): DescribedProvider[] {
    const account =
      request.integrated_account_id === undefined ? undefined : this.account(request.integrated_account_id);
    const wanted = account?.provider ?? request.provider;
    if (account && request.provider && account.provider !== request.provider) {
      throw badParameter("provider", `account ${account.id} is of ${account.provider}, not of ${request.provider}.`);
    }
    const detailed = wanted !== undefined || request.report_type !== undefined;
    const options = { report: request.report_type, detailed };
    if (account) return [describeProvider(supportOf(account), [account], options)];
    const providers = wanted ? [wanted] : PROVIDERS;
    return providers.flatMap((provider) => this.#describeAccounts(provider, options));
  }

  /** @param options.budget characters of JSON that the rows may fill @throws UsageError */
  async listUsage(query: Query, call: Call, options: { budget: number; withRemoteData: boolean }): Promise<ListAnswer> {
    const account = this.account(query.integrated_account_id);
    const listing = readListing(query, account, options);
    return listUsage(this.#context(call), listing, {
      now: this.clock(),
      cursors: this.#cursors,
      budget: options.budget,
    });
  }

  /** @throws UsageError */
  async summarizeCost(request: CostSummaryRequest, call: Call): Promise<CostSummary> {
    return summarizeCost(this.#context(call), request, this.clock());
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

  /** A provider as its usual account serves it, and apart from that as those accounts do that serve something else. */
  #describeAccounts(
    provider: ProviderId,
    options: { report: ReportType | undefined; detailed: boolean },
  ): DescribedProvider[] {
    const served = new Map<ProviderSupport, Account[]>();
    for (const account of this.accounts.filter((candidate) => candidate.provider === provider)) {
      const support = supportOf(account);
      served.set(support, [...(served.get(support) ?? []), account]);
    }
    if (served.size === 0) served.set(ADAPTERS[provider].support, []);
    return [...served].map(([support, accounts]) => describeProvider(support, accounts, options));
  }

  #context(call: Call): CallContext {
    return { http: this.#http, names: this.#names, signal: call.signal, progress: call.progress ?? (() => {}) };
  }
}
