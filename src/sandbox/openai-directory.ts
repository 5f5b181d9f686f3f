import { dayOf } from "./calendar.ts";
import type { Person } from "./company.ts";
import type { ApiKey, Project, ServiceAccount } from "./openai-estate.ts";
import {
  identifier,
  joinedAt,
  KEYS,
  members,
  PROJECTS,
  SERVICE_ACCOUNTS,
  seconds,
  userId,
  WORKLOADS,
} from "./openai-estate.ts";
import { failure } from "./openai-failure.ts";
import type { SandboxRequest, SandboxResponse } from "./vendor.ts";

interface Item {
  readonly id: string;
}

const USUAL = 20;
const MOST = 100;

/** The names behind the ids; undefined for a path that is none of the directory's. */
export function directory(request: SandboxRequest): SandboxResponse | undefined {
  const now = Math.floor(request.now.getTime() / 1_000);
  const path = request.url.pathname.split("/").slice(3);
  const [collection, id, part] = path;
  if (collection === "users" && path.length <= 2) return users(request, id);
  if (collection === "admin_api_keys" && path.length === 1) {
    const newestFirst = request.url.searchParams.get("order") === "desc";
    return list(request, ["order"], newestFirst ? adminKeys(now).reverse() : adminKeys(now));
  }
  if (collection !== "projects" || path.length > 3 || path.length === 2) return undefined;
  if (id === undefined) return projects(request, now);
  const project = PROJECTS.find((candidate) => candidate.id === id && candidate.created <= now);
  if (part !== "api_keys" && part !== "service_accounts") return undefined;
  if (project === undefined) return failure(404, `Project with id '${id}' not found.`, null, "project_not_found");
  if (part === "service_accounts") {
    const accounts = SERVICE_ACCOUNTS.filter((account) => account.project === project && account.created <= now);
    return list(request, [], accounts.map(serviceAccount));
  }
  return apiKeys(request, project, now);
}

function users(request: SandboxRequest, id: string | undefined): SandboxResponse {
  const { searchParams } = request.url;
  const emails = [...searchParams.getAll("emails"), ...searchParams.getAll("emails[]")];
  const present = members(dayOf(request.now)).map((person) => ({
    object: "organization.user",
    ...nameOf(person),
    role: role(person),
    added_at: joinedAt(person),
  }));
  if (id === undefined) {
    const chosen = present.filter(({ email }) => emails.length === 0 || emails.includes(email));
    return list(request, ["emails", "emails[]"], chosen);
  }
  const user = present.find((candidate) => candidate.id === id);
  return user === undefined ? failure(404, `No such User object: ${id}`, "user_id") : { status: 200, body: user };
}

function nameOf(person: Person) {
  // One who was invited and never filled it in.
  return { id: userId(person), name: person.name === "Pavel Drozdik" ? null : person.name, email: person.email };
}

function role({ name }: Person): string {
  return name === "Ines Halvorsen" || name === "Noor van Dalen" ? "owner" : "reader";
}

function projects(request: SandboxRequest, now: number): SandboxResponse {
  const withArchived = request.url.searchParams.get("include_archived") === "true";
  const rows = PROJECTS.filter(({ created }) => created <= now).map(({ id, name, created, archived }) => {
    const isArchived = archived !== undefined && archived <= now;
    return {
      id,
      object: "organization.project",
      name,
      created_at: created,
      archived_at: isArchived ? archived : null,
      status: isArchived ? "archived" : "active",
    };
  });
  return list(
    request,
    ["include_archived"],
    rows.filter(({ status }) => withArchived || status === "active"),
  );
}

/** A deleted user's keys are gone with them from here, though not from the usage that they made. */
function apiKeys(request: SandboxRequest, project: Project, now: number): SandboxResponse {
  const access = request.url.searchParams.get("owner_project_access") ?? "any";
  if (!["active", "inactive", "any"].includes(access)) {
    return failure(400, `Invalid value: '${access}'.`, "owner_project_access", "invalid_value");
  }
  const present = new Set(members(dayOf(request.now)));
  const keys = KEYS.filter(
    (key) =>
      key.project === project && key.created <= now && (!("person" in key.owner) || present.has(key.owner.person)),
  );
  const rows = access === "inactive" ? [] : keys;
  return list(
    request,
    ["owner_project_access"],
    rows.map((key) => ({
      object: "organization.project.api_key",
      redacted_value: key.redacted,
      name: key.name,
      created_at: key.created,
      last_used_at: lastUsed(key, now),
      id: key.id,
      owner_project_access: "active",
      owner: owner(key),
    })),
  );
}

function owner({ owner: whose }: ApiKey) {
  if ("serviceAccount" in whose) {
    const { id, name, created } = whose.serviceAccount;
    return { type: "service_account", service_account: { id, name, role: "member", created_at: created } };
  }
  return {
    type: "user",
    user: { ...nameOf(whose.person), role: "member", created_at: joinedAt(whose.person) },
  };
}

/** To the day. Null for a key that was never used. */
function lastUsed(key: ApiKey, now: number): number | null {
  const uses = WORKLOADS.filter((workload) => workload.key === key).map(({ to }) =>
    Math.min(seconds(Math.floor(now / 86_400)), to === undefined ? Number.POSITIVE_INFINITY : seconds(to - 1)),
  );
  return uses.length === 0 ? null : Math.max(...uses);
}

function serviceAccount({ id, name, created }: ServiceAccount) {
  return { object: "organization.project.service_account", id, name, role: "member", created_at: created };
}

function adminKeys(now: number) {
  const ines = members(Math.floor(now / 86_400)).find(({ name }) => name === "Ines Halvorsen");
  const machine = SERVICE_ACCOUNTS[0];
  return [
    {
      ...adminKey("usage reader", 1_739_350_800),
      owner:
        machine === undefined
          ? null
          : { type: "service_account", ...serviceAccount(machine), object: "organization.service_account" },
    },
    {
      ...adminKey("Ines, finance export", 1_752_480_000),
      owner:
        ines === undefined
          ? null
          : { type: "user", object: "organization.user", ...nameOf(ines), role: "owner", created_at: joinedAt(ines) },
    },
  ];
}

function adminKey(name: string, created: number) {
  return {
    object: "organization.admin_api_key",
    id: identifier("key_", name, 16),
    name,
    redacted_value: `sk-admin...${identifier("", name, 3)}`,
    created_at: created,
    expires_at: null,
    last_used_at: null,
  };
}

function list(request: SandboxRequest, known: readonly string[], items: readonly Item[]): SandboxResponse {
  const { searchParams } = request.url;
  for (const name of searchParams.keys()) {
    if (name === "limit" || name === "after" || known.includes(name)) continue;
    return failure(400, `Unknown parameter: '${name}'.`, name, "unknown_parameter");
  }
  const limit = readLimit(searchParams.get("limit"));
  if (typeof limit !== "number") return limit;
  const after = searchParams.get("after");
  const at = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== null && at === 0) return failure(400, `Invalid 'after': no item has id '${after}'.`, "after");
  const data = items.slice(at, at + limit);
  return {
    status: 200,
    body: {
      object: "list",
      data,
      first_id: data.at(0)?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: at + limit < items.length,
    },
  };
}

function readLimit(text: string | null): number | SandboxResponse {
  if (text === null) return USUAL;
  const limit = Number(text);
  if (/^\d{1,9}$/.test(text) && limit >= 1 && limit <= MOST) return limit;
  return failure(400, `Invalid 'limit': expected an integer from 1 to ${MOST}, but got '${text}'.`, "limit");
}
