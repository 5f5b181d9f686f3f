/**
 * The usage endpoint of old, all that an ordinary API key reads: one UTC day a call, no pages. It is undocumented, and in
 * 2026 known to answer with nothing for organizations that have use.
 */
import type { Account } from "../../../accounts/account.ts";
import type { Connection, Refusal, VendorAnswer } from "../../../vendor-http/connection.ts";
import { type Json, object } from "../../fields.ts";
import { ADMIN_KEYS, connection, objects, VENDOR } from "../wire.ts";

const HOST = "https://api.openai.com";
export const USAGE = "/v1/usage";
export const USE_ADMIN_KEY = `Supply an Admin key (sk-admin-..., from ${ADMIN_KEYS}) that has the scope api.usage.read.`;

/** The lists of an answer, in the order in which rows are given, and the product each stands for. */
export const LISTS = [
  "data",
  "dalle_api_data",
  "whisper_api_data",
  "tts_api_data",
  "ft_data",
  "assistant_code_interpreter_data",
  "retrieval_storage_data",
] as const;
export type List = (typeof LISTS)[number];

export function connect(account: Account): Connection {
  const usual = connection(account, account.baseUrl ?? HOST, refusal);
  const organization = account.settings["organization_id"];
  if (organization === undefined) return usual;
  return { ...usual, headers: () => ({ ...usual.headers(), "openai-organization": organization }) };
}

function refusal(status: number): Refusal | undefined {
  if (status === 401)
    return {
      kind: "credentials",
      advice: `Check the API key; a ChatGPT workspace's Admin key needs the account's workspace_id. ${USE_ADMIN_KEY}`,
    };
  if (status === 403 || status === 404 || status === 410) {
    return {
      kind: "credentials",
      advice: `OpenAI no longer gives usage to ordinary API keys of every organization. ${USE_ADMIN_KEY}`,
    };
  }
  return undefined;
}

/** Of its lists `data` was always there; the others came over the years. */
export function readLists(answer: VendorAnswer): { list: List; items: Json[] }[] {
  const body = object(answer.body, VENDOR, "usage");
  return LISTS.map((name) => ({
    list: name,
    items: name !== "data" && body[name] === undefined ? [] : objects(body[name], `usage.${name}`),
  }));
}
