import { describe, expect, it } from "vitest";
import type { Query } from "../../../src/usage/query.ts";
import { guardTheEdge, json, list } from "../edge.ts";
import {
  API,
  type Asked,
  bucket,
  COSTS_PATH,
  dataCalls,
  directoryPage,
  familyPath,
  organization,
  page,
  rows,
  serveHost,
  storedLines,
} from "./openai.ts";

guardTheEdge();

const DAY = { date: "2026-10-13" } as const;
const USERS = "/v1/organization/users";
const PROJECTS = "/v1/organization/projects";
const [user = {}, project = {}, key = {}] = storedLines("directory.jsonl");

const result = {
  input_tokens: 1,
  output_tokens: 1,
  num_model_requests: 1,
  project_id: "proj_abc",
  user_id: "user_abc",
  api_key_id: "key_abc",
  model: "gpt-5.5",
};
const usage = { [familyPath("completions")]: () => page([bucket([result])]) };

const directoryCalls = (asked: readonly Asked[]) => {
  const data = dataCalls(asked);
  return asked.filter((one) => !data.includes(one)).map(({ path, query }) => `${path}?${query}`);
};

describe("names of the directory", () => {
  it("the documented user, project and key stand under their ids", async () => {
    serveHost(API, {
      ...usage,
      [USERS]: () => directoryPage([user]),
      [PROJECTS]: () => directoryPage([project]),
      [`${PROJECTS}/proj_abc/api_keys`]: () => directoryPage([key]),
    });
    expect(await rows(organization(), DAY)).toMatchObject([
      {
        user: { id: "user_abc", email: "user@example.com", name: "First Last" },
        resources: [{ id: "key_abc", name: "My API Key", workspace: { id: "proj_abc", name: "Project example" } }],
      },
    ]);
  });

  it("a key tells its project where rows do not", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => page([bucket([{ ...result, project_id: null }])]),
      [PROJECTS]: () => directoryPage([project]),
      [`${PROJECTS}/proj_abc/api_keys`]: () => directoryPage([key]),
    });
    const [row] = await rows(organization(), { ...DAY, group_by: ["product", "resource"] });
    expect(row?.["resources"]).toEqual([
      { id: "key_abc", name: "My API Key", workspace: { id: "proj_abc", name: "Project example" } },
    ]);
  });

  it("a service account's name stands for its user", async () => {
    serveHost(API, {
      [familyPath("completions")]: () => page([bucket([{ ...result, user_id: "svc_1" }])]),
      [PROJECTS]: () => directoryPage([project]),
      [`${PROJECTS}/proj_abc/service_accounts`]: () =>
        directoryPage([{ object: "organization.project.service_account", id: "svc_1", name: "Robot", role: "member" }]),
    });
    const [row] = await rows(organization(), DAY);
    expect(row?.["user"]).toEqual({ id: "svc_1", name: "Robot" });
  });

  it("names of null and ids that are not there stay ids", async () => {
    serveHost(API, {
      ...usage,
      [USERS]: () => directoryPage([{ ...user, name: null, email: null }]),
      [PROJECTS]: () => directoryPage([{ ...project, name: null }]),
    });
    expect(await rows(organization(), DAY)).toMatchObject([
      { user: { id: "user_abc" }, resources: [{ id: "key_abc", workspace: { id: "proj_abc" } }] },
    ]);
  });

  it("what can't be read leaves ids, and the listing goes on", async () => {
    const refused = () => json({ error: { message: "Missing scopes: api.management.read" } }, 403);
    serveHost(API, { ...usage, [USERS]: refused, [PROJECTS]: () => json({ data: "none" }) });
    expect(await rows(organization(), DAY)).toMatchObject([{ user: { id: "user_abc" } }]);
  });

  it("its pages are followed, archived projects are in it, and an odd id leads nowhere", async () => {
    const users = new Map([
      [null, { id: "user-0" }],
      ["user-0", { id: "user-1" }],
      ["user-1", { id: "user_abc", email: "one@example.com" }],
    ]);
    const asked = serveHost(API, {
      ...usage,
      // Its last_id may be null.
      [USERS]: ({ searchParams }) => {
        const one = users.get(searchParams.get("after"));
        return json({ object: "list", data: one ? [one] : [], last_id: null, has_more: one?.id !== "user_abc" });
      },
      [PROJECTS]: (url) =>
        url.searchParams.has("after")
          ? directoryPage([project])
          : directoryPage([{ ...project, id: "../admin_api_keys" }], true),
    });
    expect(await rows(organization(), DAY)).toMatchObject([
      { user: { email: "one@example.com" }, resources: [{ workspace: { name: "Project example" } }] },
    ]);
    expect(directoryCalls(asked).sort()).toEqual([
      "/v1/organization/projects/proj_abc/api_keys?limit=100",
      "/v1/organization/projects/proj_abc/service_accounts?limit=100",
      "/v1/organization/projects?limit=100&include_archived=true",
      "/v1/organization/projects?limit=100&include_archived=true&after=..%2Fadmin_api_keys",
      "/v1/organization/users?limit=100",
      "/v1/organization/users?limit=100&after=user-0",
      "/v1/organization/users?limit=100&after=user-1",
    ]);
    expect(asked.filter(({ path }) => path.includes("admin_api_keys"))).toEqual([]);
  });

  const users = "/v1/organization/users?limit=100";
  const projects = "/v1/organization/projects?limit=100&include_archived=true";
  it.each<[Query, string[]]>([
    [{ report_type: "activity" }, [users]],
    [{ report_type: "project_usage" }, [projects]],
    [{ report_type: "cost" }, [projects]],
    [{ report_type: "user_cost" }, [users]],
    [{ report_type: "summary" }, []],
    [{ report_type: "usage", group_by: ["model"] }, []],
    [{ report_type: "usage", group_by: ["model"], user_ids: ["user-1"] }, []],
    [{ report_type: "usage", group_by: ["model"], user_ids: ["a@example.com"] }, [users]],
  ])("is asked only for what rows can show: %j", async (query, due) => {
    const asked = serveHost(API, {
      ...usage,
      [COSTS_PATH]: () => page([]),
      [PROJECTS]: () => directoryPage([project]),
    });
    await list(organization(), { ...DAY, ...query });
    expect(directoryCalls(asked).sort()).toEqual(due);
  });
});
