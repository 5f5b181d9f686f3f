/** Longer beginnings first. An open set: what is not known stands under its own name, in lower case. */
const SURFACES: readonly (readonly [string, string])[] = [
  ["CODEX_CLI", "cli"],
  ["CODEX_WEB", "web"],
  ["CODEX_IDE_", "ide"],
  ["CODEX_DESKTOP_APP", "desktop"],
  ["CODEX_CHATGPT_DESKTOP", "desktop"],
  ["CODEX_WORK_", "work"],
  ["CODEX_GITHUB", "github"],
  ["CODEX_SLACK", "slack"],
  ["CODEX_SDK_", "sdk"],
  ["CODEX_SERVICE_EXEC", "exec"],
];

/** The surface of a client id: `CODEX_IDE_VSCODE` is `ide`. */
export function surfaceOf(client: string): string {
  return SURFACES.find(([beginning]) => client.startsWith(beginning))?.[1] ?? client.toLowerCase();
}
