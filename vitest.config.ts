import { configDefaults, defineConfig } from "vitest/config";

/** These measure no memory and put back what they replace: what they import is loaded once for all of them. */
const TOGETHER = [
  "accounts",
  "contract",
  "engine",
  "faults",
  "focus",
  "forecast",
  "property",
  "providers",
  "sandbox",
  "tools",
  "usage",
].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Every core: much of the time goes into waiting for processes and sockets.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: "together", include: TOGETHER, isolate: false } },
      {
        extends: true,
        test: { name: "apart", include: ["test/**/*.test.ts"], exclude: [...configDefaults.exclude, ...TOGETHER] },
      },
    ],
  },
});
