import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import * as z from "zod";
import type { KeptAnswer, Key } from "./kept-answer.ts";

/** What a sealed answer begins with. The last byte is the version of all that follows. */
const HEADER = Buffer.from("UMA\x01", "latin1");
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = "aes-256-gcm";
/** Behind the header. */
const SEALED_FROM = HEADER.length + IV_BYTES + TAG_BYTES;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

const aboutShape = z.object({
  at: z.number(),
  settled: z.boolean(),
  until: z.number(),
  url: z.string(),
  method: z.string(),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
});

/**
 * An answer as it leaves the process: header, nonce, tag, then AES-256-GCM over gzip over (length of what is said about the
 * body, that as JSON, the body). It is bound to the key's name: put under another one, it does not open.
 */
export async function seal(key: Key, { raw, ...about }: KeptAnswer): Promise<Buffer> {
  const said = Buffer.from(JSON.stringify(about));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(said.length);
  const packed = await zip(Buffer.concat([length, said, raw]), { level: 1 });
  const nonce = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(key));
  const parts = [cipher.update(packed), cipher.final()];
  return Buffer.concat([HEADER, nonce, cipher.getAuthTag(), ...parts]);
}

/** Undefined for all that was not sealed so under this key: cut short, changed, of another version or account. */
export async function unseal(key: Key, sealed: Buffer): Promise<KeptAnswer | undefined> {
  if (sealed.length < SEALED_FROM || !sealed.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  const nonce = sealed.subarray(HEADER.length, HEADER.length + IV_BYTES);
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(key));
  decipher.setAuthTag(sealed.subarray(HEADER.length + IV_BYTES, SEALED_FROM));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(SEALED_FROM)), decipher.final()]);
    const opened = await unzip(packed);
    const bodyFrom = 4 + opened.readUInt32BE();
    const about = aboutShape.parse(JSON.parse(opened.toString("utf8", 4, bodyFrom)));
    return { ...about, raw: opened.subarray(bodyFrom) };
  } catch {
    // The tag does not fit: none of it may be believed, whatever is wrong with it.
    return undefined;
  }
}

function boundTo({ name }: Key): Buffer {
  return Buffer.concat([HEADER, Buffer.from(name)]);
}
