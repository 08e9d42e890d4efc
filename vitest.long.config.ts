import { defineConfig } from 'vitest/config';

/** Campaigns of a release: the ordinary ones with a thousand rounds, and a hundred thousand words through every shell. */
export default defineConfig({
  test: {
    include: [
      'test/long/**/*.test.ts',
      'test/actions/kill.test.ts',
      'test/actions/race.test.ts',
      'test/actions/journal-faults.test.ts',
      'test/remote/quote.test.ts',
    ],
    env: {
      CAMPAIGN_ROUNDS: process.env['CAMPAIGN_ROUNDS'] ?? '1000',
      QUOTE_ROUNDS: process.env['QUOTE_ROUNDS'] ?? '100000',
    },
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: false,
  },
});
