import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // In the nightly form a fuzz target runs for as long as it is told to (test/support/fuzz.ts).
    testTimeout: 30_000 + Number(process.env.TRAFFICCTL_FUZZ_SECONDS ?? "0") * 1000,
    hookTimeout: 60_000,
  },
});
