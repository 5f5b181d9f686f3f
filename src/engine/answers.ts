import { type Account, PROVIDERS, type ProviderId } from "../accounts/account.ts";
import { badParameter } from "../errors.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { ProviderSupport } from "../providers/provider.ts";
import type { Query } from "../usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { VendorHttp } from "../vendor-http/client.ts";
import { type DescribedProvider, describeProvider } from "./describe.ts";
import type { Call, DescribeRequest, EngineParts } from "./engine.ts";
import { type ListAnswer, listUsage } from "./list.ts";
import { readListing } from "./listing.ts";
import { Names } from "./names.ts";
import type { CallContext } from "./pages.ts";
import { type CostSummaryRequest, summarizeCost } from "./summarize.ts";
import type { CostSummary } from "./write-cost.ts";

export interface DescribedAccount {
  integrated_account_id: string;
  provider: ProviderId;
  name: string;
  report_types: ReportType[];
  default_report_type: ReportType;
}

/** What answers the questions that the engine takes: the vendors' adapters and all that is done with their rows. */
export class Answers {
  readonly #parts: EngineParts;
  readonly #http: VendorHttp;
  readonly #names: Names;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#http = new VendorHttp(parts.log);
    this.#names = new Names(parts.log, parts.clock);
  }

  listAccounts(): DescribedAccount[] {
    return this.#parts.accounts.map((account) => {
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

  describe({ provider, report_type }: DescribeRequest, account: Account | undefined): DescribedProvider[] {
    if (account && provider && account.provider !== provider) {
      throw badParameter("provider", `account ${account.id} is of ${account.provider}, not of ${provider}.`);
    }
    const wanted = account?.provider ?? provider;
    const detailed = wanted !== undefined || report_type !== undefined;
    const options = { report: report_type, detailed };
    if (account) return [describeProvider(supportOf(account), [account], options)];
    const providers = wanted ? [wanted] : PROVIDERS;
    return providers.flatMap((one) => this.#describeAccounts(one, options));
  }

  listUsage(
    query: Query,
    account: Account,
    call: Call,
    options: { budget: number; withRemoteData: boolean },
  ): Promise<ListAnswer> {
    const { clock, cursors } = this.#parts;
    const listing = readListing(query, account, options);
    return listUsage(this.#context(call), listing, { now: clock(), cursors, budget: options.budget });
  }

  summarizeCost(request: CostSummaryRequest, call: Call): Promise<CostSummary> {
    return summarizeCost(this.#context(call), request, this.#parts.clock());
  }

  /** A provider as its usual account serves it, and apart from that as those accounts do that serve something else. */
  #describeAccounts(
    provider: ProviderId,
    options: { report: ReportType | undefined; detailed: boolean },
  ): DescribedProvider[] {
    const served = new Map<ProviderSupport, Account[]>();
    for (const account of this.#parts.accounts.filter((candidate) => candidate.provider === provider)) {
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
