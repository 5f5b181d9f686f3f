import type { Account } from "../../accounts/account.ts";
import type { Adapter } from "../provider.ts";
import { legacy } from "./legacy/adapter.ts";
import { organization } from "./organization/adapter.ts";
import { support } from "./support.ts";
import { apiOf } from "./wire.ts";
import { workspace } from "./workspace/adapter.ts";

const APIS: Readonly<Record<ReturnType<typeof apiOf>, Adapter>> = { organization, workspace, legacy };

/** OpenAI answers through three APIs; which one an account has, its key and settings say. */
export const openaiCodex: Adapter = {
  support,
  supportOf: (account) => api(account).support,
  reserved: { ...organization.reserved, ...workspace.reserved, ...legacy.reserved },
  lookup: {
    requests: (question) => api(question.account).lookup?.requests(question) ?? [],
    further: (request, answer) => organization.lookup?.further?.(request, answer) ?? [],
    read: (request, answer) => organization.lookup?.read(request, answer) ?? [],
  },
  connect: (account, now) => api(account).connect(account, now),
  readPeriod: (dates, asked) => api(asked.account).readPeriod(dates, asked),
  cover: (period, asked) => api(asked.account).cover(period, asked),
  does: (question) => api(question.account).does?.(question) ?? {},
  first: (question) => api(question.account).first(question),
  parts: (question) => api(question.account).parts?.(question),
  request: (question, position) => api(question.account).request(question, position),
  read: (question, position, answers, directory) => api(question.account).read(question, position, answers, directory),
  settles: (question, position, answers) => api(question.account).settles?.(question, position, answers),
  refused: (question, position, refusal) => api(question.account).refused?.(question, position, refusal),
};

function api(account: Account): Adapter {
  return APIS[apiOf(account)];
}
