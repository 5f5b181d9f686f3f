import { parse } from "qs";
import { badParameter, UsageError } from "../../errors.ts";
import { shown } from "../../suggest.ts";

/** Parameters of a query, and values of a list: more than any question has. */
export const MOST = 500;
/** Levels of brackets: `remote_query[a][b]` has two. */
const DEEPEST = 5;
/** Names that mean something else to an object than to who sent them. */
const ODD = /(?:^|\[)(__proto__|constructor|prototype)(?=[[\]]|$)/;

/**
 * A query string as texts, lists and objects of texts by parameter, in every spelling that clients of the unified API send:
 * `k=a&k=b`, `k[]=a`, `k[0]=a`, `k[a][b]=c`, brackets plain or percent-encoded. Bounded in number and depth.
 * @throws UsageError (question) naming the parameter that can't be read
 */
export function parseQueryString(text: string): Map<string, unknown> {
  const spelled = new Map<string, string[]>();
  for (const [index, pair] of text.split("&", MOST + 1).entries()) {
    if (pair === "") continue;
    const [spelling = ""] = pair.split(/=|\[|%5B/i, 1);
    const name = decode(spelling, spelling);
    if (index === MOST) throw badParameter(cut(name), `with it the query holds more than ${MOST} parameters.`);
    if (name === "")
      throw new UsageError("question", `The query holds ${shown(pair)}, which has no name in front of it.`);
    const pairs = spelled.get(name);
    if (pairs) pairs.push(pair);
    else spelled.set(name, [pair]);
  }
  return new Map([...spelled].map(([name, pairs]) => [name, parseParameter(name, pairs)]));
}

function parseParameter(name: string, pairs: readonly string[]): unknown {
  const decoder = (spelling: string, _usual: unknown, _charset: string, part: "key" | "value") => {
    const decoded = decode(spelling, name);
    if (part === "value") return decoded;
    const odd = ODD.exec(decoded)?.[1];
    if (odd !== undefined) throw badParameter(cut(name), `there is no such parameter as ${shown(odd)}.`);
    if (!isBracketed(decoded)) throw badParameter(cut(name), `in ${shown(decoded)} the brackets don't match.`);
    return decoded;
  };
  try {
    const parsed = parse(pairs.map(unambiguous).join("&"), {
      decoder,
      plainObjects: true,
      depth: DEEPEST,
      strictDepth: true,
      arrayLimit: MOST,
      parameterLimit: MOST,
      throwOnLimitExceeded: true,
    });
    return parsed[name];
  } catch (error) {
    // The parser's own refusals, which don't say of what.
    if (!(error instanceof RangeError)) throw error;
    throw badParameter(
      cut(name),
      `it is nested more than ${DEEPEST} levels deep, or holds more than ${MOST} values (or an index beyond that).`,
    );
  }
}

/** Whether a name is followed by whole brackets and nothing else: the parser would pass over what stands between or behind them. */
function isBracketed(key: string): boolean {
  let depth = 0;
  for (let at = Math.max(0, key.indexOf("[")); at < key.length; at++) {
    if (key[at] === "[") depth++;
    else if (depth === 0) return !key.includes("[");
    else if (key[at] === "]") depth--;
  }
  return depth === 0;
}

/** What follows the first `=` is the value, whatever brackets and further `=` it holds. */
function unambiguous(pair: string): string {
  const at = pair.indexOf("=");
  return at < 0 ? pair : `${pair.slice(0, at)}=${pair.slice(at + 1).replaceAll("=", "%3D")}`;
}

/** @throws UsageError (question) where percent-encoding is broken, or is not of UTF-8 */
function decode(spelling: string, name: string): string {
  try {
    return decodeURIComponent(spelling.replaceAll("+", " "));
  } catch {
    throw badParameter(cut(name), `${shown(spelling)} is not percent-encoded UTF-8; a percent sign itself is %25.`);
  }
}

function cut(name: string): string {
  return name.slice(0, 60);
}
