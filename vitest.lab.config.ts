import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/lab/**/*.test.ts'],
    // A restart that is to be proved wrong is watched for as long as it may take to come up.
    testTimeout: 200_000,
    // The first run ever builds the hosts' root file system.
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
