import type { Connection } from "./connection.ts";

const BLANK = "[secret]";
/** Shorter values are no credentials, and blanking them would blank half a text. */
const SHORTEST = 4;

const OPEN_HEADERS =
  /^(?:accept|content-type|content-length|content-encoding|date|server|etag|age|vary|retry-after|x-ratelimit-.+|ratelimit-.+|x-request-id|request-id|dd-request-id|anthropic-version|cache-control|transfer-encoding|connection|keep-alive)$/;

/** A text in which vendors may have handed back what was sent to them, without the credentials. */
export function redacted(text: string, connection: Connection): string {
  return text.replaceAll(spellings(connection), BLANK);
}

/** Shorter credentials than any vendor's: in a body of numbers they would blank what they are not. */
const SHORTEST_IN_DATA = 12;

/**
 * An answer without the credentials, should its vendor hand them back: as data they would pass into rows, errors (cut short, so
 * that no blanking knows them any more) and what is kept. Bytes that hold none are not looked at twice.
 */
export function withoutSecrets<Answer extends { headers: Readonly<Record<string, string>>; raw: Buffer }>(
  answer: Answer,
  connection: Connection,
): Answer {
  const secrets = secretsOf(connection).filter((secret) => secret.length >= SHORTEST_IN_DATA);
  const pattern = patternOf(secrets);
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, value.replaceAll(pattern, BLANK)]);
  // Letters and digits are spelled the same everywhere. Where one secret holds what is looked for of another, that will do for both.
  const parts = [...new Set(secrets.map((secret) => longest(secret.split(/[^A-Za-z0-9]+/))))];
  const least = parts.filter((part) => !parts.some((other) => other !== part && part.includes(other)));
  const isSuspect = least.some((part) => answer.raw.includes(part, 0, "latin1"));
  const raw = isSuspect ? Buffer.from(answer.raw.toString().replaceAll(pattern, BLANK)) : answer.raw;
  return { ...answer, headers: Object.fromEntries(headers), raw };
}

function longest(parts: readonly string[]): string {
  return parts.reduce((a, b) => (b.length > a.length ? b : a), "");
}

/** The same for a parsed body. */
export function redactedJson(value: unknown, connection: Connection): unknown {
  const secrets = spellings(connection);
  const text = JSON.stringify(value);
  return text === undefined || text.search(secrets) < 0 ? value : blanked(value, secrets);
}

function blanked(value: unknown, secrets: RegExp): unknown {
  if (Array.isArray(value)) return value.map((member) => blanked(member, secrets));
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]) => [
      name.replaceAll(secrets, BLANK),
      blanked(member, secrets),
    ]);
    return Object.fromEntries(members);
  }
  const text = String(value);
  return text.search(secrets) < 0 ? value : text.replaceAll(secrets, BLANK);
}

/** Headers with the values of all but well-known ones blanked: what is not known to be harmless may hold a secret. */
export function redactedHeaders(
  headers: Readonly<Record<string, string>>,
  connection: Connection,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isOpen(name) ? redacted(value, connection) : BLANK]),
  );
}

/** The credentials as a text may spell them: as they are, and escaped as in JSON (any number of times), a URL or a web page. */
function spellings(connection: Connection): RegExp {
  return patternOf(secretsOf(connection));
}

function patternOf(secrets: readonly string[]): RegExp {
  return new RegExp(secrets.map(spelling).join("|") || "(?!)", "gu");
}

function spelling(secret: string): string {
  return [...secret].map((sign) => (/[A-Za-z0-9]/.test(sign) ? sign : escapedSign(sign))).join("");
}

const NAMED_SIGNS: Readonly<Record<string, string>> = { '"': "quot", "'": "apos", "&": "amp", "<": "lt", ">": "gt" };

function escapedSign(sign: string): string {
  const inHex = (digits: string) => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  const code = sign.codePointAt(0) ?? 0;
  const hex = inHex(code.toString(16));
  const inUrl = [...Buffer.from(sign)].map((byte) => `%${inHex(byte.toString(16).padStart(2, "0"))}`).join("");
  const named = NAMED_SIGNS[sign];
  const ways = [`\\u{${code.toString(16)}}`, inUrl, `u0*${hex}`, `&#(?:${code}|[xX]0*${hex});`];
  return `\\\\{0,8}(?:${[...ways, ...(named ? [`&${named};`] : [])].join("|")})`;
}

/** The credentials, and every form in which a header carries them. */
function secretsOf(connection: Connection): string[] {
  const sent = Object.entries(connection.headers()).flatMap(([name, value]) =>
    isOpen(name) ? [] : [value, ...value.split(" ").slice(1)],
  );
  const given = connection.credentials.map((secret) => secret.reveal());
  const encoded = given.map((secret) => Buffer.from(secret).toString("base64").replace(/=+$/, ""));
  const secrets = [...given, ...encoded, ...sent];
  return secrets.filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

function isOpen(name: string): boolean {
  return OPEN_HEADERS.test(name.toLowerCase());
}
