import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/**
 * Credentials that nothing else looks like, with the signs that encodings change and, some of them, as long as real ones: of a
 * key that is cut in a text the beginning is left.
 */
const SIGNS = "/+=\"\\'&<%41>~";

function key(beginning: string): string {
  return `${beginning}${[...beginning].reverse().join("")}Kx7${SIGNS}q9Zv`;
}

export const PLANTED = {
  claude: key("sk-ant-api01-plantedClaude"),
  console: key("sk-ant-admin01-plantedConsole-and-as-long-as-the-real-ones-are"),
  openai: key("sk-admin-plantedOpenai"),
  codex: key("sk-workspace-plantedCodex"),
  legacy: key("sk-proj-plantedLegacy"),
  cursor: key("crsr_plantedCursor"),
  confluentKey: key("PLANTEDCONFLUENT"),
  confluentSecret: key("cfltplantedSecret"),
  datadogKey: key("dd0plantedApiKey"),
  datadogAppKey: key("dd1plantedAppKey"),
  token: "plantedToken-5b1f9c.7~+/0a",
  cursorSecret: key("plantedCursorSecret"),
  redisPassword: "plantedRedisPassword0f3a",
} as const;
export type Planted = Record<string, string>;

/** What a caller pastes where it does not belong: the caller knows it, logs must not. */
export const PASTED = { pasted: key("pastedByMistake") } as const;

/** Of a key cut short this much would be too much. */
const BEGINNING = 24;

/** The secrets that a text holds, in whatever spelling. */
export function leaksIn(text: string, planted: Planted = PLANTED): string[] {
  const searched = [text, decoded(text)].join("\n");
  const lower = searched.toLowerCase();
  return Object.entries(planted).flatMap(([name, secret]) => {
    const found = spellings(secret).find((spelling) => searched.includes(spelling));
    const hex = Buffer.from(secret).toString("hex");
    if (found === undefined && !lower.includes(hex)) return [];
    const at = searched.indexOf(found ?? "");
    return [`${name}: ...${searched.slice(Math.max(0, at - 80), at + 60)}...`];
  });
}

/** The same of bytes, packed ones too. */
export function leaksInBytes(bytes: Buffer, planted: Planted = PLANTED): string[] {
  return [bytes, ...unpacked(bytes)].flatMap((some) => leaksIn(some.toString("latin1"), planted));
}

function unpacked(bytes: Buffer): Buffer[] {
  return [gunzipSync, inflateSync, brotliDecompressSync].flatMap((unpack) => {
    try {
      return [unpack(bytes)];
    } catch {
      return [];
    }
  });
}

function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret.slice(0, BEGINNING),
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams({ a: secret }).toString().slice(2),
    secret.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`),
    [...secret].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    ...inBase64(secret),
  ];
}

/** What base64 makes of it, wherever in a longer text it begins: without the signs that its neighbours change. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const core = bytes
      .toString("base64")
      .replace(/=+$/, "")
      .slice(before === 0 ? 0 : before + 1, -2);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_"), encodeURIComponent(core)];
  });
}

/** Whatever in a text may be base64, such as cursors, taken apart. */
function decoded(text: string): string {
  const runs = text.match(/[A-Za-z0-9_+/-]{16,}/g) ?? [];
  return runs.map((run) => Buffer.from(run, "base64").toString("latin1")).join("\n");
}
