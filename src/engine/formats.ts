import { badParameter } from "../errors.ts";
import { shown } from "../suggest.ts";
import { canonicalJson } from "../usage/canonical-json.ts";
import type { Connection, VendorAnswer } from "../vendor-http/connection.ts";
import { redacted, redactedHeaders, redactedJson } from "../vendor-http/redaction.ts";
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

/**
 * The rows with what they share lifted out once: `product` becomes `product_id`, `resources` becomes `resource_ids`. Joined
 * again they are the same rows: two that share an id and differ (a resource renamed meanwhile) stand under keys of their own.
 */
export function normalized(rows: readonly Item[]): { rows: Item[]; entities: Entities } {
  const tables = {
    products: new EntityTable(),
    models: new EntityTable(),
    users: new EntityTable(),
    organizations: new EntityTable(),
    resources: new EntityTable(),
    workspaces: new EntityTable(),
  };
  const written = rows.map(({ product, model, user, organization, resources, ...row }) => {
    const references = {
      product_id: tables.products.lift(product),
      model_id: tables.models.lift(model),
      user_id: tables.users.lift(user),
      organization_id: tables.organizations.lift(organization),
      resource_ids: Array.isArray(resources) ? resources.map((resource) => liftResource(resource, tables)) : undefined,
    };
    return { ...row, ...Object.fromEntries(Object.entries(references).filter(([, value]) => value !== undefined)) };
  });
  return {
    rows: written,
    entities: {
      products: tables.products.write(),
      models: tables.models.write(),
      users: tables.users.write(),
      organizations: tables.organizations.write(),
      resources: tables.resources.write(),
      workspaces: tables.workspaces.write(),
    },
  };
}

function liftResource(resource: unknown, tables: Record<"resources" | "workspaces", EntityTable>): string | undefined {
  const { workspace, ...own }: Item = Object(resource);
  const workspaceId = tables.workspaces.lift(workspace);
  // A line of an environment as a whole has no resource of its own; the environment's id stands for one.
  const entity = Object.keys(own).length > 0 ? own : { id: workspaceId };
  return tables.resources.lift({ ...entity, ...(workspaceId ? { workspace_id: workspaceId } : {}) });
}

/** Entities by key: their id, or what names them; a differing one of the same id gets `#2` behind. */
class EntityTable {
  readonly #entities = new Map<string, Item>();
  readonly #keys = new Map<string, string>();

  lift(value: unknown): string | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    const entity: Item = { ...value };
    const id = [entity["id"], entity["email"], entity["name"]].find((name) => typeof name === "string");
    if (typeof id !== "string") return undefined;
    const content = canonicalJson(entity);
    const known = this.#keys.get(content);
    if (known !== undefined) return known;
    let key = id;
    for (let count = 2; this.#entities.has(key); count++) key = `${id}#${count}`;
    this.#entities.set(key, entity);
    this.#keys.set(content, key);
    return key;
  }

  write(): Record<string, Item> {
    return Object.fromEntries(this.#entities);
  }
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
    requestUrl: redacted(answer.url, connection),
    requestOptions: { method: answer.method, headers: redactedHeaders(connection.headers(), connection) },
    data:
      answer.raw.length <= mostBytes
        ? redactedJson(answer.body, connection)
        : `${answer.raw.length} bytes, too large for this answer; ask for truto_response_format raw`,
    responseHeaders: redactedHeaders(answer.headers, connection),
    ...state,
    isEmptyResult: state.resultCount === 0,
  };
}
