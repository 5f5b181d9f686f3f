import { ZERO } from "../../../usage/money.ts";
import type { Charge } from "../../../usage/row.ts";
import { amount, flag, type Json, optionalObject, requiredAmount, text } from "../../fields.ts";
import { charge } from "../map.ts";

/** How a request is paid for, as far as it is known. */
export type PaidBy = "included" | "usage_based" | "api_key" | "not_charged" | "unknown";

/**
 * `kind` is a text for people and its list is open: "Included in Business", "Usage-based", "Errored, Not Charged", and the
 * spelling USAGE_EVENT_KIND_... of another of Cursor's APIs.
 */
export function paidBy(kind: unknown): PaidBy {
  const words = (text(kind) ?? "")
    .toLowerCase()
    .replace(/^usage_event_kind_/, "")
    .replace(/[_-]/g, " ");
  if (/errored|aborted|not charged|no charge/.test(words)) return "not_charged";
  if (/included|free/.test(words)) return "included";
  if (/usage based|on demand/.test(words)) return "usage_based";
  return /api key/.test(words) ? "api_key" : "unknown";
}

/**
 * Whether an event goes on the invoice. A kind that says "not charged" is taken at its word. Otherwise `isChargeable`
 * decides where it is sent: it is made for this, and the sum of chargeable events is what Cursor calls on-demand spend, while
 * kinds are renamed. Without it a kind decides, and what is unknown counts as invoiced: a cost must not vanish.
 */
function isInvoiced(item: Json, by: PaidBy): boolean {
  if (by === "not_charged") return false;
  return isChargeable(item) ?? by !== "included";
}

function isChargeable(item: Json): boolean | undefined {
  return flag(item["isChargeable"], "Cursor", "usageEvents[].isChargeable");
}

/** Whether kind and isChargeable say opposite things of an event, which no documentation allows. */
export function contradicts(item: Json, by: PaidBy): boolean {
  const chargeable = isChargeable(item);
  return (
    (chargeable === true && (by === "included" || by === "not_charged")) ||
    (chargeable === false && by === "usage_based")
  );
}

/**
 * `total` is chargedCents: the value of the request at what Cursor charges, whoever pays, the Cursor fee in it and a discount
 * already off. `net` is the same where it is invoiced, else 0: what a plan includes is worth something and costs nothing.
 * @throws UsageError (vendor_data) when an event that counts has no chargedCents
 */
export function chargesOf(item: Json, by: PaidBy): Charge[] {
  const field = "usageEvents[].chargedCents";
  const invoiced = isInvoiced(item, by);
  const cents =
    by === "not_charged"
      ? amount(item["chargedCents"], "Cursor", field)
      : requiredAmount(item["chargedCents"], "Cursor", field);
  const value = cents?.fromCents();
  const charges = [charge("net", invoiced && value ? value : ZERO)];
  if (value) {
    charges.push(charge("total", value));
    if (by === "included" && !invoiced) charges.push(charge("included", value));
    else if (invoiced && by !== "api_key") charges.push(charge("usage_based", value));
  }
  const fee = amount(item["cursorTokenFee"], "Cursor", "usageEvents[].cursorTokenFee");
  if (fee) charges.push(charge("platform_fee", fee.fromCents()));
  const tokens = optionalObject(item["tokenUsage"], "Cursor", "usageEvents[].tokenUsage");
  const discount = tokens && discountOf(tokens);
  if (discount) charges.push(discount);
  return charges;
}

/** `totalCents` is before the discount, a percentage of it: divided by a hundred for the percents and for the cents. */
function discountOf(tokens: Json): Charge | undefined {
  const percent = amount(tokens["discountPercentOff"], "Cursor", "tokenUsage.discountPercentOff");
  const list = percent && amount(tokens["totalCents"], "Cursor", "tokenUsage.totalCents");
  if (!list || percent.isZero()) return undefined;
  return charge("discount", list.times(percent).fromCents().fromCents());
}
