import { badParameter } from "../errors.ts";
import { shown } from "../suggest.ts";
import type { Row } from "../usage/row.ts";
import type { Connection, VendorAnswer } from "../vendor-http/connection.ts";
import { valueAt, without } from "./fields.ts";

type Item = Record<string, unknown>;

/** Leaves fields out of a written row or item. */
export function excluded(row: Item, exclude: readonly string[]): Item {
  let left: Item = row;
  for (const path of exclude) {
    const next = without(left, path.split("."));
    if (typeof next === "object" && next !== null) left = { ...next };
  }
  return left;
}

/**
 * The result as an object, its rows by the value of a field.
 * @throws UsageError (question) when a row lacks it or two share it: a row would be lost
 */
export function keyedBy(rows: readonly Item[], path: string): Record<string, Item> {
  const keyed = new Map<string, Item>();
  for (const row of rows) {
    const value = valueAt(row, path);
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw badParameter("truto_key_by", `${path} is not on every row of this page, so rows would be lost; key by id.`);
    }
    const key = String(value);
    if (keyed.has(key))
      throw badParameter(
        "truto_key_by",
        `several rows of this page share ${path} ${shown(key)}, so rows would be lost; key by id.`,
      );
    keyed.set(key, row);
  }
  return Object.fromEntries(keyed);
}

/** What rows refer to by id in the normalized format. */
export interface Entities {
  products: Record<string, Item>;
  models: Record<string, Item>;
  users: Record<string, Item>;
  organizations: Record<string, Item>;
  resources: Record<string, Item>;
  workspaces: Record<string, Item>;
}

/** The rows with what they share lifted out once: `product` becomes `product_id`, `resources` becomes `resource_ids`. */
export function normalized(rows: readonly Row[]): { rows: Item[]; entities: Entities } {
  const entities: Entities = { products: {}, models: {}, users: {}, organizations: {}, resources: {}, workspaces: {} };
  const lift = (table: Record<string, Item>, entity: Item | undefined): string | undefined => {
    const id = entity && [entity["id"], entity["email"], entity["name"]].find((value) => typeof value === "string");
    if (entity === undefined || typeof id !== "string") return undefined;
    table[id] = { ...table[id], ...entity };
    return id;
  };
  const written = rows.map(({ product, model, user, organization, resources, ...row }) => {
    const resourceIds = resources?.map(({ workspace, ...resource }) => {
      const workspaceId = lift(entities.workspaces, workspace);
      // A line of an environment as a whole has no resource of its own; the environment's id stands for one.
      const own = Object.keys(resource).length > 0 ? resource : { id: workspaceId };
      return lift(entities.resources, { ...own, ...(workspaceId ? { workspace_id: workspaceId } : {}) });
    });
    const references = {
      product_id: lift(entities.products, product),
      model_id: lift(entities.models, model),
      user_id: lift(entities.users, user),
      organization_id: lift(entities.organizations, organization),
      resource_ids: resourceIds,
    };
    return { ...row, ...Object.fromEntries(Object.entries(references).filter(([, value]) => value !== undefined)) };
  });
  return { rows: written, entities };
}

/** The eight debug fields of the unified page, about the last vendor call of the page; secrets blanked. */
export interface Debug {
  requestUrl: string;
  requestOptions: Item;
  data: unknown;
  responseHeaders: Item;
  nextCursor: string | null;
  isLooping: boolean;
  isEmptyResult: boolean;
  resultCount: number;
}

export function debugOf(
  answer: VendorAnswer,
  connection: Connection,
  state: Pick<Debug, "nextCursor" | "isLooping" | "resultCount">,
  mostBytes: number,
): Debug {
  return {
    requestUrl: answer.url,
    requestOptions: { method: answer.method, headers: blanked(connection.headers()) },
    data:
      answer.bytes <= mostBytes
        ? answer.body
        : `${answer.bytes} characters, too large for this answer; ask for truto_response_format raw`,
    responseHeaders: blanked(answer.headers),
    ...state,
    isEmptyResult: state.resultCount === 0,
  };
}

const OPEN_HEADERS =
  /^(?:accept|content-type|content-length|content-encoding|date|server|etag|age|vary|retry-after|x-ratelimit-.+|ratelimit-.+|x-request-id|request-id|dd-request-id|anthropic-version|cache-control|transfer-encoding|connection|keep-alive)$/;

/** Headers with the values of all but well-known ones blanked: what is not known to be harmless may hold a secret. */
function blanked(headers: Readonly<Record<string, string>>): Item {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, OPEN_HEADERS.test(name.toLowerCase()) ? value : "[secret]"]),
  );
}
