import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    testTimeout: 60_000,
    // The first run ever builds the hosts' root file system.
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
