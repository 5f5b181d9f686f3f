/** What answers say besides amounts and tokens. */
export const MEANINGS: Readonly<Record<string, string>> = {
  row: "one fact of use or cost in the unified words, the same for every vendor. What is absent is unknown, never zero. Its id is stable: the same fact fetched again has the same id.",
  period:
    "what an answer covers, in UTC, half-open: start_date belongs to it, end_date does not. In summaries that is how dates are read, too; in list_usage start_date and end_date mean what the vendor means (Cursor includes the end), and period says what that was. Datadog has whole months only, and covers those that are touched.",
  unattributed:
    "the value of a dimension that a vendor does not tell: use tied to nobody, groups beyond a vendor's limit, Datadog by person. It is part of the total, which is the same whatever is grouped by.",
  partial:
    "is_partial_response is true when something is missing: an account that failed, a day not published yet, data that moved while it was read. accounts[].status (ok, partial, error) and warnings say what.",
  data_as_of:
    "how old the data is: when the vendor was asked, or how old it says its data is. Answers are kept for a while; fresh: true asks again.",
  currency: "amounts of different currencies are never added and never converted: there is a total for each.",
  person:
    "people are joined across vendors by e-mail, whatever its case. Service accounts stay apart, and what belongs to nobody (API keys, reviews, shared agents) is unattributed.",
  quantity:
    "an amount of use that is no token and no request, with its unit (GB, hour, credit). Different units are never added.",
  other: "in summaries: the groups beyond limit, summed. groups and other together are the totals.",
  change: "in comparisons: net of the period less net of the one before. New and vanished groups are among them.",
  effects:
    "of a change (explain_cost_change): volume (more or less was used), price (each cost more or less), new, gone, discounts (credits and included use too), unknown (no quantity is known). They add up to the change exactly; they are arithmetic, not reasons.",
  projection:
    "what the running month is expected to come to (forecast_cost), with its method, low and high. It stands apart from the month to date and is in no sum of costs.",
  ratio:
    "of two sums (get_usage_summary), such as cost_per_user or cache_hit_share: value, numerator and denominator. The ratio of a total is not the mean of its groups' ratios.",
  report_type:
    "which of the nine views list_usage gives: cost, usage, user_cost, user_usage, activity, summary, project_usage, skill_usage, connector_usage. list_accounts says which an account serves.",
  native: "of a parameter: the vendor does it.",
  derived: "of a parameter: the vendor does not do it, it is done on the rows here, exactly.",
  unsupported: "of a parameter: refused with an error that says what there is instead; never silently ignored.",
};
