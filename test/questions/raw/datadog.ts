import * as z from "zod";
import type { Vendors } from "./ask.ts";
import { type Days, dollars, type Line, sum } from "./lines.ts";

const charge = z.looseObject({ product_name: z.string(), charge_type: z.string(), cost: z.number() });
const entries = z.looseObject({
  data: z.array(
    z.looseObject({
      attributes: z.looseObject({
        date: z.string(),
        public_id: z.string(),
        charges: z.array(charge),
        projected_total_cost: z.number().optional(),
      }),
    }),
  ),
});
type Entry = z.infer<typeof entries>["data"][number]["attributes"];

function ask(vendors: Vendors, path: string): Promise<unknown> {
  const headers = {
    "dd-api-key": vendors.credential("datadog", "api_key"),
    "dd-application-key": vendors.credential("datadog", "application_key"),
  };
  return vendors.ask("datadog", `/api/v2/usage/${path}`, { headers });
}

/** Of the fixed day of all questions: billed are the months before it. */
const RUNNING = "2026-11";

/** Whole months: the bill where there is one, else the estimate, of which each organization's latest day counts. */
export async function datadogLines(vendors: Vendors, days: Days): Promise<Line[]> {
  const [first, last] = [days.start.slice(0, 7), monthBefore(days.end)];
  const range = `start_month=${first}&end_month=${last}&view=sub-org`;
  const billed = entries.parse(await ask(vendors, `historical_cost?${range}`)).data.map(({ attributes }) => attributes);
  const estimated: Entry[] = [];
  if (last >= RUNNING) {
    const { data } = entries.parse(
      await ask(vendors, `estimated_cost?start_month=${RUNNING}&end_month=${RUNNING}&view=sub-org`),
    );
    const latest = new Map<string, Entry>();
    for (const { attributes } of data) {
      const known = latest.get(attributes.public_id);
      if (!known || attributes.date > known.date) latest.set(attributes.public_id, attributes);
    }
    estimated.push(...latest.values());
  }
  return [...billed, ...estimated].flatMap(toLines);
}

/** Dollars that Datadog itself expects of the running month. */
export async function datadogProjection(vendors: Vendors): Promise<bigint> {
  const { data } = entries.parse(await ask(vendors, "projected_cost?view=sub-org"));
  return sum(data.map(({ attributes }) => dollars(attributes.projected_total_cost ?? Number.NaN)));
}

/** `total` stands beside its parts: it is the amount, and they are added only where it is missing. */
function toLines({ date, public_id, charges }: Entry): Line[] {
  const products = [...new Set(charges.map(({ product_name }) => product_name))];
  return products.map((product) => {
    const own = charges.filter(({ product_name }) => product_name === product);
    const ofType = (type: string) =>
      sum(own.filter(({ charge_type }) => charge_type === type).map(({ cost }) => dollars(cost)));
    const hasTotal = own.some(({ charge_type }) => charge_type === "total");
    const amount = hasTotal ? ofType("total") : sum(own.map(({ cost }) => dollars(cost)));
    return {
      account: "datadog",
      provider: "datadog",
      day: `${date.slice(0, 7)}-01`,
      currency: "USD",
      net: amount,
      gross: amount,
      parts: { on_demand: ofType("on_demand"), committed: ofType("committed") },
      product,
      metric: product,
      organization: public_id,
    };
  });
}

/** The month of the last day before an exclusive end. */
function monthBefore(end: string): string {
  return new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 7);
}
