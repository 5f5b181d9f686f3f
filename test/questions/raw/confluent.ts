import * as z from "zod";
import { monthsOf, type Vendors } from "./ask.ts";
import { type Days, dollars, type Line } from "./lines.ts";

const page = z.looseObject({
  data: z.array(
    z.looseObject({
      start_date: z.string(),
      product: z.string(),
      line_type: z.string(),
      amount: z.number(),
      original_amount: z.number(),
      discount_amount: z.number().optional(),
      quantity: z.number().optional(),
      unit: z.string().optional(),
      resource: z.looseObject({ id: z.string(), environment: z.looseObject({ id: z.string() }).nullish() }).nullish(),
    }),
  ),
  metadata: z.looseObject({ next: z.string().optional() }),
});

/** `GET /billing/v1/costs`, a month at a time, page by page: dollars, `end_date` exclusive. */
export async function confluentLines(vendors: Vendors, days: Days): Promise<Line[]> {
  const key = `${vendors.credential("confluent", "api_key")}:${vendors.credential("confluent", "api_secret")}`;
  const headers = { authorization: `Basic ${Buffer.from(key).toString("base64")}` };
  const lines: Line[] = [];
  for (const { start, end } of monthsOf(days.start, days.end)) {
    for (let token: string | null = ""; token !== null; ) {
      const path: string = `/billing/v1/costs?start_date=${start}&end_date=${end}&page_size=700${token && `&page_token=${token}`}`;
      const { data, metadata } = page.parse(await vendors.ask("confluent", path, { headers }));
      lines.push(...data.map(toLine));
      token = metadata.next ? new URL(metadata.next).searchParams.get("page_token") : null;
    }
  }
  return lines;
}

/** A promotional credit lowers what is invoiced and is nothing that was consumed. */
function toLine(cost: z.infer<typeof page>["data"][number]): Line {
  const net = dollars(cost.amount);
  const isCredit = cost.line_type === "PROMO_CREDIT";
  const isFee = cost.line_type === "SUPPORT";
  return {
    account: "confluent",
    provider: "confluent",
    day: cost.start_date.slice(0, 10),
    currency: "USD",
    net,
    gross: isCredit ? 0n : dollars(cost.original_amount),
    parts: {
      ...(cost.discount_amount ? { discount: dollars(cost.discount_amount) } : {}),
      ...(isCredit ? { credit: net } : {}),
      ...(isFee ? { platform_fee: net } : {}),
    },
    product: cost.product,
    metric: cost.line_type,
    resource: cost.resource?.id,
    workspace: cost.resource?.environment?.id,
    quantity: cost.quantity,
    unit: cost.unit,
  };
}
