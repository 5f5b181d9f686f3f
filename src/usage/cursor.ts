import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { badParameter } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Instant, Period } from "./period.ts";

/**
 * Where a listing goes on. Opaque to its holder; authenticated (HMAC-SHA256), and bound to the account and the query, so
 * that it can neither be forged nor used for another question. It holds no secret and no URL, and all that a listing
 * needs to go on as it began (its period, the instant that counts as now), so any instance with the same key resumes it.
 */
export interface CursorState {
  /** What counts as now for the whole listing, so that defaults and routes do not move while someone pages. */
  now: Instant;
  period: Period;
  /** The adapter's position: which vendor page. JSON, without secrets. */
  position: unknown;
  /** Rows of that page already given. */
  offset: number;
  /** The last row given, as its place in the order, to go on behind it should the vendor's data move in between. */
  last?: readonly string[];
}

export interface CursorScope {
  account: string;
  /** {@link fingerprint} of everything in the query that decides which rows come in which order. */
  query: string;
}

const VERSION = "u1";
const LIFETIME = 24 * 3_600_000;
const TAG_BYTES = 16;
const LONGEST = 65_536;

export class CursorCodec {
  readonly #key: (account: string) => Buffer;

  /** @param key the account's signing key: shared by every instance that is to resume its cursors */
  constructor(key: (account: string) => Buffer) {
    this.#key = key;
  }

  write(scope: CursorScope, state: CursorState): string {
    const payload = Buffer.from(
      JSON.stringify([
        scope.query,
        state.now,
        state.period.start,
        state.period.end,
        state.position,
        state.offset,
        state.last ?? 0,
      ]),
    ).toString("base64url");
    return `${VERSION}.${payload}.${this.#tag(scope.account, payload)}`;
  }

  /** @throws UsageError (question): damaged, forged, from another account or query, or older than a day */
  read(scope: CursorScope, text: string, now: Instant): CursorState {
    const parts = text.length <= LONGEST ? text.split(".") : [];
    const [version, payload = "", tag = ""] = parts;
    if (parts.length !== 3 || version !== VERSION) throw invalid();
    // As texts: base64 has several spellings of the same bytes, and only the one that was given is a cursor.
    const [given, expected] = [Buffer.from(tag), Buffer.from(this.#tag(scope.account, payload))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid();
    return unpack(payload, scope, now);
  }

  #tag(account: string, payload: string): string {
    const mac = createHmac("sha256", this.#key(account)).update(`${VERSION}\n${account}\n${payload}`).digest();
    return mac.subarray(0, TAG_BYTES).toString("base64url");
  }
}

function unpack(payload: string, scope: CursorScope, now: Instant): CursorState {
  const [query, issued, start, end, position, offset, last]: unknown[] = JSON.parse(
    Buffer.from(payload, "base64url").toString(),
  );
  if (query !== scope.query) {
    throw badParameter(
      "cursor",
      "it belongs to another query. Repeat the parameters of the call that gave it, or leave it out to start again.",
    );
  }
  if (typeof issued !== "number" || typeof start !== "number" || typeof end !== "number" || typeof offset !== "number")
    throw invalid();
  if (now - issued > LIFETIME)
    throw badParameter(
      "cursor",
      "it has expired (a listing can be resumed for 24 hours). Leave it out to start again.",
    );
  return {
    now: issued,
    period: { start, end },
    position,
    offset,
    ...(Array.isArray(last) ? { last: last.map(String) } : {}),
  };
}

function invalid() {
  return badParameter(
    "cursor",
    "it is damaged, or was given for another account or by another server. Pass next_cursor exactly as it was returned, or leave it out to start again.",
  );
}

/** A short digest of a JSON value, the same whatever the order of its keys. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 12);
}
