import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { inOwnMountsAndName } from './own-mounts.ts';
import { buildProgram, ended, type Ended, startProgram } from './program.ts';

describe.skipIf(hostsMissing())('the second person on the command line', () => {
  let hosts: Hosts;
  let fleet = '';

  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(133, 1);
    fleet = hosts.fleet({
      actions: { wipe: { on: 'web', run: 'change {{ tag }}', inputs: { tag: { type: 'text' } }, risk: 'danger', undo: 'none' } },
      approve: { danger: true },
    });
  }, 120_000);
  afterAll(async () => hosts?.stop());

  /** Each with a machine and a state directory of their own: nothing but the host is shared. */
  const as = (who: string, ...words: string[]): Promise<Ended> =>
    ended(
      startProgram(['--fleet', fleet, ...words], {
        home: hosts.directory,
        env: { XDG_STATE_HOME: join(hosts.directory, `state-${who}`) },
        under: inOwnMountsAndName(`hostname ${who}`),
      }),
    );
  const wipe = (tag: string): Promise<Ended> =>
    as('ann', 'act', 'wipe', 'web1', '--input', `tag=${tag}`, '--confirm', 'web1', '--reason', `because of ${tag}`);

  interface Listed {
    readonly requests: readonly { readonly hash: string; readonly own: boolean }[];
  }

  async function listed(who: string): Promise<Listed> {
    const { stdout } = await as(who, 'approvals', '--json');
    const value: Listed = JSON.parse(stdout);
    return value;
  }

  test('sees from another machine what is asked, signs it by hash, and the asker’s next try goes through', async () => {
    const nothing = await as('bob', 'approvals');
    expect([nothing.status, nothing.stdout, nothing.stderr]).toEqual([0, 'nothing waits for approval\n', '']);
    const asked = await wipe('one');
    expect([asked.status, asked.stderr]).toEqual([5, expect.stringMatching(/somebody else runs: quarterdeck approve [0-9a-f]{8}/)]);
    const { requests } = await listed('bob');
    expect(requests).toMatchObject([
      {
        title: 'wipe on web1',
        own: false,
        risk: 'danger',
        reason: 'because of one',
        hosts: ['web1'],
        fitsItsHash: true,
        signedBy: [],
        declinedBy: null,
      },
    ]);
    const hash = requests[0]?.hash ?? '';
    const shown = await as('bob', 'approvals');
    expect(shown.stdout).toMatch(new RegExp(`^${hash.slice(0, 8)}  wipe on web1, asked by \\S+@ann \\S+ ago, good for 9m`));
    expect(shown.stdout).toContain('  runs      web1: change one\n');
    const own = await as('ann', 'approve', hash.slice(0, 8));
    expect([own.status, own.stderr]).toEqual([5, 'refused: your own request needs somebody else’s approval\n']);
    const signed = await as('bob', 'approve', hash.slice(0, 8));
    expect([signed.status, signed.stdout]).toEqual([0, expect.stringMatching(/^approved: wipe on web1, asked by \S+@ann\n$/)]);
    expect((await wipe('one')).status).toBe(0);
    expect(hosts.only.times('one')).toBe(1);
  }, 120_000);

  test('declines with a reason, which the asker is told; what waits no more is refused, what makes no sense is wrong usage', async () => {
    await wipe('two');
    const hash = (await listed('bob')).requests[0]?.hash ?? '';
    expect((await as('bob', 'approve', hash, '--decline')).status).toBe(64);
    expect((await as('bob', 'approve', '--decline', '--reason', 'x')).status).toBe(64);
    expect((await as('bob', '--read-only', 'approve', hash)).status).toBe(5);
    const declined = await as('bob', 'approve', hash, '--decline', '--reason', 'not on a Friday');
    expect([declined.status, declined.stdout]).toEqual([0, expect.stringContaining('declined: wipe on web1')]);
    const told = await wipe('two');
    expect([told.status, told.stderr]).toEqual([5, expect.stringMatching(/declined by \S+@bob \(uid \d+\): not on a Friday/)]);
    const late = await as('bob', 'approve', hash);
    expect([late.status, late.stderr]).toEqual([5, expect.stringContaining(`nothing with ${hash} waits`)]);
    expect(hosts.only.times('two')).toBe(0);
  }, 120_000);
});
