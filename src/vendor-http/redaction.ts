import type { Connection } from "./connection.ts";

const BLANK = "[secret]";
/** Shorter values are no credentials, and blanking them would blank half a text. */
const SHORTEST = 4;

const OPEN_HEADERS =
  /^(?:accept|content-type|content-length|content-encoding|date|server|etag|age|vary|retry-after|x-ratelimit-.+|ratelimit-.+|x-request-id|request-id|dd-request-id|anthropic-version|cache-control|transfer-encoding|connection|keep-alive)$/;

/** A text in which vendors may have handed back what was sent to them, without the credentials. */
export function redacted(text: string, connection: Connection): string {
  return secretsOf(connection).reduce((left, secret) => left.replaceAll(secret, BLANK), text);
}

/** The same for a parsed body. */
export function redactedJson(value: unknown, connection: Connection): unknown {
  const text = JSON.stringify(value);
  if (text === undefined) return value;
  const secrets = secretsOf(connection).map((secret) => JSON.stringify(secret).slice(1, -1));
  if (!secrets.some((secret) => text.includes(secret))) return value;
  return JSON.parse(secrets.reduce((left, secret) => left.replaceAll(secret, BLANK), text));
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

/** The credentials, and every form in which a header carries them. */
function secretsOf(connection: Connection): string[] {
  const sent = Object.entries(connection.headers()).flatMap(([name, value]) =>
    isOpen(name) ? [] : [value, ...value.split(" ").slice(1)],
  );
  const secrets = [...connection.credentials.map((secret) => secret.reveal()), ...sent];
  return secrets.filter((secret) => secret.length >= SHORTEST).sort((a, b) => b.length - a.length);
}

function isOpen(name: string): boolean {
  return OPEN_HEADERS.test(name.toLowerCase());
}
