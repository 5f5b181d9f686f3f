import * as z from "zod";
import { PROVIDERS } from "../../accounts/account.ts";
import { focusColumns } from "../../focus/columns.ts";
import { FOCUS_VERSIONS } from "../../focus/versions.ts";
import { periodSchema } from "../../tools/tool.ts";

const AMOUNTS = ["BilledCost", "ContractedCost", "EffectiveCost", "ListCost"];
const QUANTITIES = ["ConsumedQuantity", "PricingQuantity"];
/** What every charge says. */
const TOLD = [
  ...["BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory"],
  ...["ChargePeriodEnd", "ChargePeriodStart", "InvoiceIssuerName", "ServiceCategory", "ServiceName"],
  ...["ChargeFrequency", "x_FocusVersion", "x_Account", "x_RowId"],
];

const VERSIONS = FOCUS_VERSIONS.map(focusColumns);

function typeOf(name: string): z.ZodType {
  if (AMOUNTS.includes(name)) return z.number();
  if (QUANTITIES.includes(name)) return z.number().nullable();
  const type = TOLD.includes(name) ? z.string() : z.string().nullable();
  return VERSIONS.every((names) => names.includes(name)) ? type : type.optional();
}

/** A line of an export: a charge, under the columns of its version. */
export const focusCharge = z
  .looseObject(Object.fromEntries([...new Set(VERSIONS.flat())].map((name) => [name, typeOf(name)])))
  .describe(
    "One charge under the columns of FOCUS. Amounts hold all their digits, more than a float can: read them as decimals. null is unknown. ChargeCategory and x_RowId together name a charge.",
  );

/** The last line of an export. */
export const exportEnd = z
  .looseObject({
    focus: z.enum(FOCUS_VERSIONS),
    period: periodSchema.describe("What was asked for: UTC, end exclusive."),
    result_count: z.number().meta({ type: "integer" }).describe("How many charges were given."),
    accounts: z.array(
      z.looseObject({
        integrated_account_id: z.string(),
        provider: z.enum(PROVIDERS),
        status: z.enum(["ok", "partial", "error"]),
        period: periodSchema.describe("What was really covered."),
        charges: z.number().meta({ type: "integer" }),
        error: z.string().describe("Why its charges are not all there.").optional(),
      }),
    ),
    data_as_of: z.string().describe("When the oldest of it was so that may still change.").optional(),
    is_partial_response: z.boolean().describe("Charges are missing: accounts and warnings say which."),
    warnings: z.array(z.string()),
  })
  .describe("The last line, the one with accounts: a reader who met it knows that nothing was cut off.");
