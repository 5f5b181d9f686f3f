import { badParameter } from "../errors.ts";
import type { Adapter } from "../providers/provider.ts";
import { shown } from "../suggest.ts";

/** Names by which credentials, hosts and paths go at any vendor: never taken from a caller. */
const FORBIDDEN =
  /^(?:authorization|proxy-authorization|cookie|token|access_token|bearer|password|user(?:name)?|secret|api[-_]?(?:key|secret|token)|application[-_]key|(?:dd|x)-[a-z-]*key|host|hostname|base_?url|url|uri|path|port|protocol|scheme|method|headers?|__proto__|constructor|prototype)$/i;
const LONGEST = 2000;
const MOST = 100;

/**
 * remote_query, flattened to the names and values of a query string: `{filter: {month: "x"}}` is `filter[month]=x`.
 * It may add to the vendor's request, never change whom it goes to, as whom, or for which period.
 * @throws UsageError (question)
 */
export function readRemoteQuery(remote: Readonly<Record<string, unknown>>, adapter: Adapter): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(remote)) {
    // As a lenient vendor reads it: blanks around a name are nothing.
    const plain = name
      .trim()
      .toLowerCase()
      .replace(/\s*\[.*$/s, "");
    if (FORBIDDEN.test(plain))
      throw badParameter(
        `remote_query.${name.slice(0, 60)}`,
        "credentials, host and path come from the account's configuration only.",
      );
    const instead = Object.hasOwn(adapter.reserved, plain) ? adapter.reserved[plain] : undefined;
    if (instead) throw badParameter(`remote_query.${name}`, `it is set by usage-mcp itself; ${instead}.`);
    flatten(name, value, pairs, 0);
  }
  if (pairs.length > MOST) throw badParameter("remote_query", `it holds ${pairs.length} values; ${MOST} is the most.`);
  return pairs;
}

function flatten(name: string, value: unknown, pairs: [string, string][], depth: number): void {
  if (value === null || value === undefined) return;
  if (depth > 4 || pairs.length > MOST) throw badParameter("remote_query", "it is nested too deep or too large.");
  if (Array.isArray(value)) {
    for (const item of value) flatten(`${name}[]`, item, pairs, depth + 1);
  } else if (typeof value === "object") {
    for (const [key, item] of Object.entries(value)) flatten(`${name}[${key}]`, item, pairs, depth + 1);
  } else {
    const text = String(value);
    if (text.length > LONGEST || name.length > LONGEST)
      throw badParameter("remote_query", `${shown(name)} is too long.`);
    pairs.push([name, text]);
  }
}
