import { defineConfig } from "vitest/config";

export default defineConfig({
  // Every core: much of the time goes into waiting for processes and sockets.
  test: { maxWorkers: "100%", include: ["test/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000 },
});
