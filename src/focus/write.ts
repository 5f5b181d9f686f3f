import type { FocusValue } from "./charge.ts";

type Quote = (text: string) => string;

/**
 * A JSON document of one line. Numbers keep all their digits, which a JSON number may have and a float may not.
 * @param quoted writes a text as JSON
 */
export function focusLine(
  columns: readonly string[],
  values: readonly FocusValue[],
  quoted: Quote = JSON.stringify,
): string {
  const members = columns.map((name, index) => {
    const value = values[index] ?? null;
    const written = value === null ? "null" : typeof value === "string" ? quoted(value) : value.toString();
    return `${JSON.stringify(name)}:${written}`;
  });
  return `{${members.join(",")}}\n`;
}
