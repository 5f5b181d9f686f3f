import * as z from "zod";
import { broken, expand, isObject } from "../../accounts/config-values.ts";
import { didYouMean, listed, shown } from "../../suggest.ts";
import {
  filled,
  type OAuthConfig,
  oauthShape,
  pathOf,
  type Reading,
  readOAuth,
  readTokens,
  type Token,
  tokenShape,
} from "./access-config.ts";
import { type Limits, limitsShape, readLimits } from "./limits-config.ts";

/** Who may come in over HTTP, and how much. */
export interface HttpConfig {
  tokens: readonly Token[];
  oauth?: OAuthConfig;
  /** Host names, besides loopback's, under which this server is called. */
  hosts: readonly string[];
  /** Host names of web pages, besides loopback's, that may call it. */
  origins: readonly string[];
  limits: Limits;
}

/** Whether a token is needed. Without one configured, everyone on this machine is let in. */
export function isGuarded({ tokens, oauth }: HttpConfig): boolean {
  return tokens.length > 0 || oauth !== undefined;
}

const names = z.array(filled);

const shape = z.strictObject({
  tokens: z.array(tokenShape).optional(),
  oauth: oauthShape.optional(),
  hosts: names.optional(),
  origins: names.optional(),
  limits: limitsShape.optional(),
});

/**
 * Checks the config's `http` section; `${NAME}` is read from the environment. USAGE_MCP_HTTP_TOKEN_SHA256 adds one token for
 * every account, for those who need no file.
 * @param accounts the ids that there are
 * @throws UsageError (configuration)
 */
export function readHttpConfig(
  section: unknown,
  from: string,
  env: NodeJS.ProcessEnv,
  accounts: readonly string[],
): HttpConfig {
  const given = section === undefined ? {} : expand(section, "http", from, env);
  if (!isObject(given)) throw broken(from, "http: must be an object.");
  const parsed = shape.safeParse(given);
  if (!parsed.success) throw broken(from, firstFault(parsed.error));
  const reading: Reading = { from, accounts, written: (path) => path.reduce<unknown>(memberOf, section) };
  const { tokens, oauth, hosts = [], origins = [], limits = {} } = parsed.data;
  // Who lists it may mean that account, and would be given all.
  if ((tokens || oauth) && accounts.includes("*"))
    throw broken(from, 'accounts: one has the id "*", which in http means all of them; give it another id.');
  return {
    tokens: readTokens(tokens, env, reading),
    ...(oauth ? { oauth: readOAuth(oauth, reading) } : {}),
    hosts: hosts.map((host, index) => hostName(host, ["hosts", index], reading)),
    origins: origins.map((origin, index) =>
      PAGES_OF_PROGRAMS.test(origin) ? origin : hostName(origin, ["origins", index], reading),
    ),
    limits: readLimits(limits),
  };
}

/** Pages that a program brings along, which have no host: `vscode-webview://*`. */
const PAGES_OF_PROGRAMS = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/\*$/;

/** Host and Origin are compared by name only: what else is given would never match, and the host be refused for ever. */
function hostName(given: string, path: readonly [string, number], { from, written }: Reading): string {
  const url = URL.canParse(`http://${given}`) ? new URL(`http://${given}`) : undefined;
  const bare = url?.hostname === given.toLowerCase() && url.href === `http://${url.hostname}/` && !given.includes("*");
  if (url && bare) return url.hostname;
  throw broken(
    from,
    `${pathOf(path)}: ${shown(written(path))} is not a host name; give it as in example.com, without https://, port and path.`,
  );
}

function memberOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function firstFault(error: z.ZodError): string {
  // A name misspelt is both missing and unknown; the unknown one says how.
  const issue = error.issues.find(({ code }) => code === "unrecognized_keys") ?? error.issues[0];
  if (!issue) return "http: is not as expected.";
  const at = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = Object.keys(SECTIONS[String(issue.path[0] ?? "")]?.shape ?? {});
    return `${at}.${key}: there is no such setting; there are ${listed(known)}.${didYouMean(key, known)}`;
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return `${at}: is missing or not ${issue.expected}.`;
  return `${at}: ${issue.message}.`;
}

const SECTIONS: Readonly<Record<string, z.ZodObject>> = {
  "": shape,
  tokens: tokenShape,
  oauth: oauthShape,
  limits: limitsShape,
};
