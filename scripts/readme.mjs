// Writes the generated parts of README.md: the support matrix, from the tables that check queries.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["src/providers/support-table.ts"],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const { supportTable } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`
);
const readme = await readFile("README.md", "utf8");
const block = /(<!-- support table -->\n)[\s\S]*?(<!-- \/support table -->)/;
if (!block.test(readme)) throw new Error("README.md has no place for the support table");
await writeFile(
  "README.md",
  readme.replace(block, (_, before, after) => `${before}${supportTable()}\n${after}`),
);
