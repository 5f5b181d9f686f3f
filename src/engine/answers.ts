import { setMaxListeners } from "node:events";
import { type Account, PROVIDERS, type ProviderId } from "../accounts/account.ts";
import { USUAL_CACHE } from "../cache/config.ts";
import { openCache } from "../cache/open.ts";
import { badParameter, failureKind, loggable } from "../errors.ts";
import type { FocusCharge } from "../focus/charge.ts";
import { ADAPTERS, supportOf } from "../providers/index.ts";
import type { ProviderSupport } from "../providers/provider.ts";
import { NO_TELEMETRY } from "../telemetry.ts";
import type { Query } from "../usage/query.ts";
import { REPORT_TYPES, type ReportType } from "../usage/report.ts";
import { VendorHttp } from "../vendor-http/client.ts";
import type { Wait } from "../vendor-http/vendor-call.ts";
import { type DescribedProvider, describeProvider } from "./describe.ts";
import type { Call, DescribeRequest, EngineParts } from "./engine.ts";
import { type ExplainRequest, explainChange } from "./explain-change.ts";
import { type CostExportRequest, type ExportEnd, exportCost } from "./export-cost.ts";
import { type CostForecast, type ForecastRequest, forecastCost } from "./forecast/forecast-cost.ts";
import { listUsage, noFindings, type PageOptions, start } from "./list.ts";
import { answer, type Item, type ListAnswer } from "./list-answer.ts";
import { readListing } from "./listing.ts";
import { Names } from "./names.ts";
import type { CallContext } from "./pages.ts";
import { type StreamEnd, streamUsage } from "./stream.ts";
import { type CostSummaryRequest, summarizeCost } from "./summarize.ts";
import { summarizeUsage, type UsageSummaryRequest } from "./summarize-usage.ts";
import type { ChangeExplanation } from "./write-change.ts";
import type { CostSummary } from "./write-cost.ts";
import type { UsageSummary } from "./write-usage.ts";

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
    const { log, clock, telemetry = NO_TELEMETRY, cache = USUAL_CACHE, pace, bounds } = parts;
    this.#http = new VendorHttp(log, {
      telemetry,
      clock,
      cache: openCache(cache, clock, log),
      ...(pace ? { pace } : {}),
      ...(bounds ? { bounds } : {}),
    });
    this.#names = new Names(log, clock, telemetry);
  }

  listAccounts(accounts: readonly Account[]): DescribedAccount[] {
    return accounts.map((account) => {
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

  /** @param accounts all that the caller may see */
  describe(
    { provider, report_type }: DescribeRequest,
    account: Account | undefined,
    accounts: readonly Account[],
  ): DescribedProvider[] {
    if (account && provider && account.provider !== provider) {
      throw badParameter("provider", `account ${account.id} is of ${account.provider}, not of ${provider}.`);
    }
    const wanted = account?.provider ?? provider;
    const detailed = wanted !== undefined || report_type !== undefined;
    const options = { report: report_type, detailed };
    if (account) return [describeProvider(supportOf(account), [account], options)];
    const providers = wanted ? [wanted] : PROVIDERS;
    return providers.flatMap((one) => describeAccounts(one, accounts, options));
  }

  listUsage(query: Query, account: Account, call: Call, options: PageOptions): Promise<ListAnswer> {
    const { clock, cursors } = this.#parts;
    const listing = readListing(query, account, options);
    return listUsage(this.#context(call, query.fresh), listing, { ...options, now: clock(), cursors });
  }

  streamUsage(
    query: Query,
    account: Account,
    call: Call,
    options: { withRemoteData: boolean },
  ): AsyncGenerator<Item[], StreamEnd> {
    const { clock, cursors } = this.#parts;
    const listing = readListing(query, account, { ...options, everything: true });
    return streamUsage(this.#context(call, query.fresh), listing, { now: clock(), cursors });
  }

  checkUsage(query: Query, account: Account): Omit<ListAnswer, "hint"> {
    const { clock, cursors } = this.#parts;
    const everything = query.truto_response_format === "stream";
    const listing = readListing(query, account, { withRemoteData: true, everything });
    const started = start(listing, { now: clock(), cursors });
    const { hint: _, ...said } = answer(started, [], null, noFindings(), 0);
    return said;
  }

  /** Resolves when all that is to be kept is written. */
  close(): Promise<void> {
    return this.#http.close();
  }

  exportCost(request: CostExportRequest, call: Call): AsyncGenerator<FocusCharge[], ExportEnd> {
    return exportCost(this.#context(call, request.fresh), request, this.#parts.clock());
  }

  summarizeCost(request: CostSummaryRequest, call: Call): Promise<CostSummary> {
    return summarizeCost(this.#context(call, request.fresh), request, this.#parts.clock());
  }

  summarizeUsage(request: UsageSummaryRequest, call: Call): Promise<UsageSummary> {
    return summarizeUsage(this.#context(call, request.fresh), request, this.#parts.clock());
  }

  forecastCost(request: ForecastRequest, call: Call): Promise<CostForecast> {
    return forecastCost(this.#context(call, request.fresh), request, this.#parts.clock());
  }

  explainChange(request: ExplainRequest, call: Call): Promise<ChangeExplanation> {
    return explainChange(this.#context(call, request.fresh), request, this.#parts.clock());
  }

  #context(call: Call, fresh = false): CallContext {
    const { signal, progress = () => {}, requestId, deadline } = call;
    // A call reads many accounts and reports at once, and each of them listens: no leak.
    setMaxListeners(0, signal);
    const about = { ...(requestId ? { requestId } : {}), ...(deadline === undefined ? {} : { deadline }) };
    const failed = (account: string, error: unknown) => this.#failed(account, error, requestId);
    const waiting = ({ seconds, reason }: Wait) => progress(`waiting ${Math.ceil(seconds)} s for ${reason}`, true);
    return { http: this.#http, names: this.#names, fresh, signal, progress, failed, waiting, ...about };
  }

  #failed(account: string, error: unknown, request: string | undefined): void {
    const { log, telemetry = NO_TELEMETRY } = this.#parts;
    const kind = failureKind(error);
    telemetry.failure(kind);
    log[kind === "internal" ? "error" : "debug"]({ request, account, ...loggable(error) }, "account failed");
  }
}

/** A provider as its usual account serves it, and apart from that as those accounts do that serve something else. */
function describeAccounts(
  provider: ProviderId,
  accounts: readonly Account[],
  options: { report: ReportType | undefined; detailed: boolean },
): DescribedProvider[] {
  const served = new Map<ProviderSupport, Account[]>();
  for (const account of accounts.filter((candidate) => candidate.provider === provider)) {
    const support = supportOf(account);
    served.set(support, [...(served.get(support) ?? []), account]);
  }
  if (served.size === 0) served.set(ADAPTERS[provider].support, []);
  return [...served].map(([support, whose]) => describeProvider(support, whose, options));
}
