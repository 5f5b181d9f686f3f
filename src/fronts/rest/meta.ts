import type { Context } from "hono";
import * as z from "zod";
import { PROVIDERS } from "../../accounts/account.ts";
import { checkQuery } from "../../engine/check-query.ts";
import type { DescribedProvider } from "../../engine/describe.ts";
import type { DescribeRequest, Engine } from "../../engine/engine.ts";
import { badParameter } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { jsonSchema } from "../../tools/tool.ts";
import { REQUEST_PARAMS } from "../../usage/query.ts";
import { REPORT_TYPES } from "../../usage/report.ts";
import type { HttpEnv } from "../http/request.ts";
import { anyEnvelope, usageRow } from "./answer-schemas.ts";
import { answerFailure } from "./errors.ts";
import { type JsonSchema, usageQuerySchema } from "./parameters.ts";

export const USAGE_PATH = "/unified/usage-metering/usage";
export const EXPORT_PATH = "/unified/usage-metering/export";
export const META_PATH = `${USAGE_PATH}/meta/list`;

/** What a question about the endpoint may be narrowed to. */
export const metaQuery = z.strictObject({
  integrated_account_id: z.string().describe("One of the caller's accounts.").optional(),
  provider: z.enum(PROVIDERS).describe("One vendor, also one that the caller has no account of.").optional(),
  report_type: z.enum(REPORT_TYPES).describe("One report.").optional(),
});

/** What the endpoint can be asked and what it answers: schemas for programs, and what the vendors of a caller's accounts serve. */
export async function answerMeta(c: Context<HttpEnv>, log: Log): Promise<Response> {
  const { engine } = c.get("caller");
  try {
    const request = checkQuery(metaQuery, singleValues(new URL(c.req.url).searchParams));
    const providers = await describedProviders(engine, request);
    const described = new Set(providers.flatMap(({ integrated_account_ids }) => integrated_account_ids));
    const accounts = await engine.listAccounts();
    return c.json({
      method: "list",
      ...schemas(),
      request_params: REQUEST_PARAMS,
      accounts: accounts.filter(({ integrated_account_id }) => described.has(integrated_account_id)),
      providers,
    });
  } catch (error) {
    return answerFailure(c, error, log);
  }
}

/** In full: without a filter, of each provider that the caller has an account of. */
async function describedProviders(engine: Engine, request: DescribeRequest): Promise<DescribedProvider[]> {
  if (request.integrated_account_id !== undefined || request.provider !== undefined) return engine.describe(request);
  const own = new Set(engine.accounts.map(({ provider }) => provider));
  const each = await Promise.all([...own].map((provider) => engine.describe({ ...request, provider })));
  return each.flat();
}

/** @throws UsageError (question): a parameter given twice */
function singleValues(params: URLSearchParams): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of params) {
    if (values.has(name)) throw badParameter(name.slice(0, 60), "it is given twice; give it once.");
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

let made: Record<"query_schema" | "schema" | "envelope_schema", JsonSchema> | undefined;

function schemas() {
  made ??= {
    query_schema: usageQuerySchema(),
    schema: jsonSchema(usageRow, "output"),
    envelope_schema: jsonSchema(anyEnvelope, "output"),
  };
  return made;
}
