import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildChild, type ChildProgram, ConsoleChild } from './child.ts';
import { type Happening, type Hosts, hostsMissing, startHosts } from './hosts.ts';
import { campaign, randomFrom } from './random.ts';

const { rounds, seed } = campaign(50);

/** Changes that were under way at the same time. */
function overlaps(happened: readonly Happening[]): string[] {
  const found: string[] = [];
  let under: string | null = null;
  for (const one of happened.toSorted((a, b) => (a.atNs < b.atNs ? -1 : 1))) {
    if (one.what === 'begin') {
      if (under !== null) found.push(`${one.tag} during ${under}`);
      under = one.tag;
    } else if (under === one.tag) under = null;
  }
  return found;
}

describe.skipIf(hostsMissing())(`two consoles racing ${rounds} times for one host (seed ${seed})`, () => {
  let hosts: Hosts;
  let program: ChildProgram;
  beforeAll(async () => {
    [hosts, program] = await Promise.all([startHosts(62, 1), buildChild()]);
  });
  afterAll(async () => {
    await hosts?.stop();
    program?.remove();
  });

  test(
    'as many changes run as locks are granted, and never two at once',
    async () => {
      const random = randomFrom(seed);
      const host = hosts.only;
      const fleet = hosts.fleet();
      const consoles = ['ann@left', 'bob@right'].map(
        (who) => new ConsoleChild(program, { fleet, who, state: mkdtempSync(join(hosts.directory, 'state-')) }),
      );
      for (const one of consoles) expect(await one.line('ready'), one.errors).toBe('ready');
      const tally = { granted: 0, refused: 0, both: 0, other: 0 };
      for (let round = 0; round < rounds; round += 1) {
        host.set('seconds', (random() * 0.15).toFixed(2));
        const outcomes = await Promise.all(
          consoles.map((one, side) =>
            one.change(
              { action: 'custom', hostId: host.id, name: 'change', inputs: { tag: `r${round}-${side}` } },
              { reason: `round ${round}` },
            ),
          ),
        );
        const ok = outcomes.filter((outcome) => outcome?.kind === 'ok').length;
        const locked = outcomes.filter((outcome) => outcome?.kind === 'refused' && outcome.refusal.guard === 'lock').length;
        tally.granted += ok;
        tally.refused += locked;
        tally.other += 2 - ok - locked;
        if (ok === 2) tally.both += 1;
      }
      await Promise.all(consoles.map((one) => one.end()));
      process.stdout.write(`${JSON.stringify({ rounds, seed, ...tally })}\n`);
      const happened = host.happened();
      expect(overlaps(happened)).toEqual([]);
      expect(happened.filter((one) => one.what === 'begin')).toHaveLength(tally.granted);
      expect(tally.other).toBe(0);
      // Both are granted when one had ended before the other asked; a race that is never lost would prove nothing.
      expect(tally.refused).toBeGreaterThan(0);
      expect([host.steps(), host.locks()]).toEqual([[], []]);
    },
    60_000 + rounds * 4000,
  );
});
