import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { badParameter } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Instant, Period } from "./period.ts";

/**
 * Where a listing goes on. Opaque to its holder: encrypted (AES-256-GCM), since a place in an order may be a person's e-mail,
 * and authenticated and bound to the account and the query, so that it can neither be read, nor forged, nor used for another
 * question. It holds no secret and no URL, and all that a listing needs to go on as it began (its period, the instant
 * that counts as now), so any instance with the same key resumes it.
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
  /** {@link fingerprint} of the ids of all rows of that page already given: whether one of them moved. */
  given?: string;
}

export interface CursorScope {
  account: string;
  /** {@link fingerprint} of everything in the query that decides which rows come in which order. */
  query: string;
}

const VERSION = "u2";
const CIPHER = "aes-256-gcm";
const LIFETIME = 24 * 3_600_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LONGEST = 65_536;

export class CursorCodec {
  readonly #key: (account: string) => Buffer;

  /** @param key the account's key of 32 bytes: shared by every instance that is to resume its cursors */
  constructor(key: (account: string) => Buffer) {
    this.#key = key;
  }

  write(scope: CursorScope, state: CursorState): string {
    const { now, period, position, offset, last = 0, given = 0 } = state;
    const plain = JSON.stringify([scope.query, now, period.start, period.end, position, offset, last, given]);
    const key = this.#key(scope.account);
    // Made of what it hides: the same place has the same cursor, and no two places share a nonce.
    const nonce = createHmac("sha256", key).update(`nonce\n${plain}`).digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, cipherKey(key), nonce).setAAD(boundTo(scope.account));
    const hidden = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
    return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString("base64url")}`;
  }

  /** @throws UsageError (question): damaged, forged, from another account or query, or older than a day */
  read(scope: CursorScope, text: string, now: Instant): CursorState {
    const [version, payload = "", ...more] = text.length <= LONGEST ? text.split(".") : [];
    const bytes = Buffer.from(payload, "base64url");
    // As texts: base64 has several spellings of the same bytes, and only the one that was given is a cursor.
    if (version !== VERSION || more.length > 0 || bytes.toString("base64url") !== payload) throw invalid();
    return unpack(this.#open(scope.account, bytes), scope, now);
  }

  #open(account: string, bytes: Buffer): string {
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) throw invalid();
    const decipher = createDecipheriv(CIPHER, cipherKey(this.#key(account)), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(account)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const start = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8");
    try {
      return start + decipher.final("utf8");
    } catch {
      throw invalid();
    }
  }
}

function cipherKey(key: Buffer): Buffer {
  return createHmac("sha256", key).update("cipher").digest();
}

function boundTo(account: string): Buffer {
  return Buffer.from(`${VERSION}\n${account}`);
}

function unpack(plain: string, scope: CursorScope, now: Instant): CursorState {
  const [query, issued, start, end, position, offset, last, given]: unknown[] = JSON.parse(plain);
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
    ...(typeof given === "string" ? { given } : {}),
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
