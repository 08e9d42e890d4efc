import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChild, type ChildProgram } from './child.ts';
import { type Hosts, hostsMissing, startHosts } from './hosts.ts';
import { killCampaign } from './kill-campaign.ts';
import { campaign } from './random.ts';

const { rounds, seed } = campaign(50);

describe.skipIf(hostsMissing())(`a console killed ${rounds} times in mid-change (seed ${seed})`, () => {
  let hosts: Hosts;
  let program: ChildProgram;
  beforeAll(async () => {
    [hosts, program] = await Promise.all([startHosts(61, 2), buildChild()]);
  });
  afterAll(async () => {
    await hosts?.stop();
    program?.remove();
  });

  test(
    'no change runs twice, nothing acknowledged is lost, every interrupted one is resolved and nothing is left behind',
    async () => {
      const fleet = hosts.fleet();
      const lanes = await Promise.all(
        hosts.hosts.map((host, lane) => {
          const state = mkdtempSync(join(hosts.directory, 'state-'));
          return killCampaign(program, host, { fleet, state }, { rounds: Math.ceil(rounds / hosts.hosts.length), seed: seed + lane });
        }),
      );
      for (const lane of lanes) process.stdout.write(`${JSON.stringify({ seed, ...lane })}\n`);
      // Enough of them were caught between intent and outcome for the rest to mean anything.
      const interrupted = lanes.flatMap((lane) => Object.values(lane.interrupted)).reduce((sum, some) => sum + some, 0);
      expect(interrupted).toBeGreaterThan(rounds / 8);
      for (const lane of lanes) {
        expect(lane).toMatchObject({
          lost: 0,
          executedTwice: 0,
          executedWithoutIntent: 0,
          wronglyTold: [],
          unresolved: 0,
          leftBehind: [],
          chain: 'whole',
        });
      }
    },
    60_000 + rounds * 5000,
  );
});
