import type { VendorAnswer, VendorRequest } from "../../../vendor-http/connection.ts";
import { isObject, type Json, object, requiredList, text } from "../../fields.ts";
import type { Lookup, Named, Question } from "../../provider.ts";
import { VENDOR } from "../wire.ts";
import { costGroupsOf, groupsOf, sourcesOf } from "./detail.ts";
import { PROJECTS, USERS } from "./wire.ts";

/** A list of projects that is read for the keys in them, too: no endpoint lists all keys of an organization. */
interface DirectoryRequest extends VendorRequest {
  andKeys?: true;
}

/** The most a page holds. Archived projects are listed too, or their history would have no names. */
const USERS_REQUEST: VendorRequest = { method: "GET", path: USERS, query: [["limit", "100"]] };
const PROJECTS_REQUEST: VendorRequest = {
  method: "GET",
  path: PROJECTS,
  query: [
    ["limit", "100"],
    ["include_archived", "true"],
  ],
};

const IN_PROJECT = /^\/v1\/organization\/projects\/([^/]+)\/(?:api_keys|service_accounts)$/;
/** What may stand in a path as it is. */
const PLAIN_ID = /^[\w-]+$/;

/**
 * Names of users, projects, API keys and service accounts under their ids. Who was deleted keeps an id in the usage and
 * has no name here.
 */
export const lookup: Lookup = {
  requests(question: Question): readonly VendorRequest[] {
    const groups = new Set<string>(
      sourcesOf(question).flatMap(({ family }) => (family ? groupsOf(question, family) : costGroupsOf(question))),
    );
    const keys: DirectoryRequest = { ...PROJECTS_REQUEST, andKeys: true };
    const inProjects = groups.has("api_key_id") ? [keys] : groups.has("project_id") ? [PROJECTS_REQUEST] : [];
    return [...(groups.has("user_id") ? [USERS_REQUEST] : []), ...inProjects];
  },

  further(request: DirectoryRequest, answer: VendorAnswer): readonly VendorRequest[] {
    const { items, after } = readList(answer);
    const query = (request.query ?? []).filter(([name]) => name !== "after");
    const next = after === undefined ? [] : [{ ...request, query: [...query, ["after", after] as const] }];
    return [...next, ...(request.path === PROJECTS && request.andKeys ? items.flatMap(insideOf) : [])];
  },

  *read({ path }: VendorRequest, answer: VendorAnswer): Iterable<readonly [string, Named]> {
    const parent = IN_PROJECT.exec(path)?.[1];
    for (const item of readList(answer).items) {
      const id = text(item["id"]);
      if (id === undefined) continue;
      const name = text(item["name"]);
      const email = text(item["email"]);
      const named: Named = {
        id,
        ...(name ? { name } : {}),
        ...(email ? { email } : {}),
        ...(parent ? { parent } : {}),
      };
      yield [id, named];
      if (email) yield [email.toLowerCase(), named];
    }
  },
};

function insideOf({ id }: Json): VendorRequest[] {
  const project = text(id);
  if (project === undefined || !PLAIN_ID.test(project)) return [];
  return ["api_keys", "service_accounts"].map((what) => ({
    method: "GET",
    path: `${PROJECTS}/${project}/${what}`,
    query: [["limit", "100"]],
  }));
}

function readList(answer: VendorAnswer): { items: Json[]; after?: string } {
  const { data, has_more, last_id } = object(answer.body, VENDOR, "directory");
  // A list that isn't there is no empty directory: names would be missing in silence.
  const items = requiredList(data, VENDOR, "directory.data").filter(isObject);
  const after = has_more === true ? (text(last_id) ?? text(items.at(-1)?.["id"])) : undefined;
  return after === undefined ? { items } : { items, after };
}
