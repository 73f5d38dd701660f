import { defineConfig } from "vitest/config";

/** The tests that need npm packages only; those that need more live in test/system. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/system/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
