// Bundles src/cli.ts and what it needs into dist/. One entry, and a chunk for each part that loads later, so that
// `tools/list` is answered without reading the parts (HTTP client, terminal, sandbox) that only a later call needs.
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const { version } = JSON.parse(await readFile("package.json", "utf8"));

await rm("dist", { recursive: true, force: true });
const result = await build({
  entryPoints: ["src/cli.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.18",
  minify: true,
  keepNames: false,
  legalComments: "none",
  chunkNames: "chunks/[name]-[hash]",
  // import.meta.filename: what CommonJS packages in the bundle know as __filename.
  define: { __VERSION__: JSON.stringify(version), __filename: "import.meta.filename" },
  // CommonJS packages in the bundle still call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  metafile: true,
  logLevel: "warning",
});
await chmod("dist/cli.js", 0o755);
await writeFile("dist/THIRD_PARTY_LICENSES.txt", await licences(result.metafile));

/** The licence texts of every package whose code is in the bundle. */
async function licences(metafile) {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) packages.add(match[1]);
  }
  const texts = [];
  for (const folder of [...packages].sort()) {
    const manifest = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const text = await firstReadable(folder, [
      "LICENSE",
      "LICENSE.md",
      "LICENSE.txt",
      "license",
      "LICENCE",
      "license.md",
    ]);
    texts.push(`${manifest.name} ${manifest.version} (${manifest.license ?? "see package"})\n\n${text ?? ""}`.trim());
  }
  return `${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

async function firstReadable(folder, names) {
  for (const name of names) {
    const text = await readFile(path.join(folder, name), "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
