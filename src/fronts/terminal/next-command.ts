import type { OpenOptions } from "../../open.ts";
import type { Arguments } from "./flags.ts";

/** Cursors stand for where they were given from; a page number beside one would contradict it. */
const REPLACED = ["cursor", "next_cursor", "page"];

/** The command that gives the next page, for a POSIX shell: the same question with the cursor of this answer. */
export function nextCommand({ sandbox, config }: OpenOptions, args: Arguments, output: string, cursor: string): string {
  const { integrated_account_id: account, ...rest } = args;
  const words = ["usage-mcp"];
  if (sandbox) words.push("--sandbox");
  if (config !== undefined) words.push("--config", config);
  words.push("usage");
  if (account !== undefined) words.push("-a", String(account));
  for (const [name, value] of Object.entries(rest)) {
    if (!REPLACED.includes(name)) words.push(...flagWords(name, value));
  }
  if (output !== "table") words.push("-o", output);
  words.push("--cursor", cursor);
  return words.map(quoted).join(" ");
}

function flagWords(name: string, value: unknown): string[] {
  const flag = `--${name.replaceAll("_", "-")}`;
  if (Array.isArray(value)) return [flag, value.map((item) => String(item).replaceAll(",", "\\,")).join(",")];
  if (typeof value === "boolean") return value ? [flag] : [`${flag}=false`];
  if (typeof value !== "object" || value === null) return [flag, String(value)];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    Array.isArray(member)
      ? member.flatMap((item) => [flag, `${key}[]=${String(item)}`])
      : [flag, `${key}=${String(member)}`],
  );
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
