import { chargeFrequency } from "./category.ts";
import type { FocusCharge, FocusValue } from "./charge.ts";
import { hostOf, issuerOf, serviceCategoryOf, serviceNameOf } from "./names.ts";
import { describe, present, skuOf, tagsOf } from "./texts.ts";
import { tokenTypeOf } from "./token-type.ts";
import { FOCUS_VERSIONS, type FocusVersion } from "./versions.ts";

interface Column {
  name: string;
  read(charge: FocusCharge): FocusValue;
  /** Only in these versions. Absent: in all. */
  versions?: readonly FocusVersion[];
}

const column = (
  name: string,
  read: (charge: FocusCharge) => FocusValue,
  ...versions: readonly FocusVersion[]
): Column => ({ name, read, ...(versions.length > 0 ? { versions } : {}) });

/**
 * Every column, in the order it is written in: what FOCUS makes mandatory, by name; what it wants where it is known; ours.
 * 1.4 has HostProviderName and ServiceProviderName in place of ProviderName and PublisherName.
 * @see https://focus.finops.org/focus-specification/
 */
const COLUMNS: readonly Column[] = [
  column("BilledCost", ({ billed }) => billed),
  column("BillingAccountId", ({ row, account }) => present(row.organization?.id) ?? account.id),
  column("BillingAccountName", ({ row, account }) => present(row.organization ? row.organization.name : account.name)),
  column("BillingCurrency", ({ currency }) => currency),
  column("BillingPeriodEnd", ({ times }) => times.billingEnd),
  column("BillingPeriodStart", ({ times }) => times.billingStart),
  column("ChargeCategory", ({ category }) => category),
  // A vendor that restates a day changes the row itself, under the same x_RowId: there is no correction beside it.
  column("ChargeClass", () => null),
  column("ChargeDescription", ({ row }) => describe(row)),
  column("ChargePeriodEnd", ({ times }) => times.end),
  column("ChargePeriodStart", ({ times }) => times.start),
  column("ContractedCost", ({ billed }) => billed),
  // No vendor here says how a commitment is amortized: what is billed is what it costs.
  column("EffectiveCost", ({ billed }) => billed),
  column("HostProviderName", ({ account }) => hostOf(account.provider), "1.4"),
  column("InvoiceIssuerName", ({ account }) => issuerOf(account.provider)),
  column("ListCost", ({ list }) => list),
  column("PricingQuantity", ({ priced }) => priced?.quantity ?? null),
  column("PricingUnit", ({ priced }) => priced?.unit ?? null),
  column("ProviderName", ({ account }) => issuerOf(account.provider), "1.2"),
  column("PublisherName", ({ account }) => issuerOf(account.provider), "1.2"),
  column("ServiceCategory", ({ row, account }) => serviceCategoryOf(row, account.provider)),
  column("ServiceName", ({ row, account }) => serviceNameOf(row, account.provider)),
  column("ServiceProviderName", ({ account }) => issuerOf(account.provider), "1.4"),

  column("ChargeFrequency", ({ category }) => chargeFrequency(category)),
  column("ConsumedQuantity", ({ consumed }) => consumed?.quantity ?? null),
  column("ConsumedUnit", ({ consumed }) => consumed?.unit ?? null),
  column("ResourceId", ({ row }) => present(row.resources?.[0]?.id)),
  column("ResourceName", ({ row }) => present(row.resources?.[0]?.name)),
  column("SkuId", ({ row }) => skuOf(row)),
  column("SkuMeter", ({ row }) => present(row.metric_name)),
  column("SubAccountId", ({ row }) => present(row.resources?.[0]?.workspace?.id)),
  column("SubAccountName", ({ row }) => present(row.resources?.[0]?.workspace?.name)),
  column("Tags", ({ row, withPeople }) => tagsOf(row, withPeople)),

  column("x_FocusVersion", ({ version }) => version),
  column("x_Account", ({ account }) => account.id),
  column("x_Surface", ({ row }) => present(row.surface)),
  column("x_ModelId", ({ row }) => present(row.model?.id)),
  column("x_ModelDeveloper", ({ row }) => present(row.model?.provider)),
  column("x_TokenType", ({ row }) => tokenTypeOf(row)),
  column("x_RowId", ({ rowId }) => rowId),
];

const BY_VERSION = new Map(
  FOCUS_VERSIONS.map((version) => [
    version,
    COLUMNS.filter(({ versions }) => versions === undefined || versions.includes(version)),
  ]),
);

/** The names of a version's columns, in order. */
export function focusColumns(version: FocusVersion): string[] {
  return columnsOf(version).map(({ name }) => name);
}

/** A charge as the values of {@link focusColumns}. */
export function focusValues(charge: FocusCharge): FocusValue[] {
  return columnsOf(charge.version).map(({ read }) => read(charge));
}

function columnsOf(version: FocusVersion): readonly Column[] {
  return BY_VERSION.get(version) ?? [];
}
