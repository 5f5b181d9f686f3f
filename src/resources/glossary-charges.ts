import type { ChargeType } from "../usage/row.ts";

/** Every type of charge, and what summaries make of them. In the order of a reader's questions. */
export const CHARGES: Readonly<Record<ChargeType | "gross" | "billed" | "estimate" | "seat", string>> = {
  net: "what will be invoiced for this use, after discounts. A row has one at the most. Claude: the billed amount, before credits. Cursor: the charge of requests that go on the invoice, 0 for what the plan includes. Confluent: the line's amount. OpenAI and Datadog state one amount, as total; summaries take it as net.",
  gross:
    "in summaries: the value before discounts and credits. A row's total, else its net; a line that is nothing but a credit has none, so that gross - discount + credit = net.",
  total:
    "a charge of a row: its amount before discounts and credits, or the value of what was used, whoever pays. A row has one at the most, and it is never added to net. Claude: the list price. Cursor: the request's value, a discount already off. Confluent: the original amount. OpenAI, Datadog: the one amount there is.",
  billed: "of a row: net, else total. What summaries add up as net.",
  discount:
    "how much was taken off: total less net (Claude, Confluent). At Cursor it is off the total already, and stands beside for information.",
  credit:
    "a line that lowers the invoice, such as a Confluent promotion; its amount is negative. Credits of a ChatGPT workspace are units that were bought before, no money: they are a quantity, and in no sum of money.",
  included: "value that a plan covers (Cursor): in gross, and 0 in net.",
  usage_based:
    "the part that is paid by use, beyond a plan. At a ChatGPT workspace and Claude's skills and Claude Code it can stand alone, as an estimate: it is then in no total.",
  on_demand: "the part beyond what was committed to (Datadog).",
  committed: "the part under a commitment (Datadog).",
  platform_fee: "a fee within the amounts, such as Cursor's token fee or Confluent's support; not added to them.",
  tax: "tax, where a vendor states it apart. None of these vendors does in its usage data.",
  estimate:
    "an amount that is no bill yet. Datadog's months are estimates until about the 16th of the next month; warnings name them. An estimate without a bill is never counted.",
  seat: "a person's subscription. Seats are on the vendors' invoices and not in their usage data: cost of Claude, Codex and Cursor is that of use. Claude Enterprise counts assigned_seats in its summary report.",
};
