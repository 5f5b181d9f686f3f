// Writes docs/openapi.json: the document that a server with bearer tokens gives at /openapi.json.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["src/fronts/rest/openapi.ts"],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const { openApiDocument } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`
);
const { version } = JSON.parse(await readFile("package.json", "utf8"));
await writeFile("docs/openapi.json", `${JSON.stringify(openApiDocument({ version, tokens: true }), null, 2)}\n`);
