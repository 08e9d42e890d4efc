import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { lacks } from '../probe/needs.ts';
import { hold, longPage, until } from './long-page.ts';
import { inOwnMountsAndName } from './own-mounts.ts';
import { buildProgram, ended, type Ended, startProgram } from './program.ts';

describe.skipIf(hostsMissing() || lacks('faketime', '--version'))('two consoles and one run', () => {
  let hosts: Hosts;
  let fleet = '';

  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(78, 6);
    const folder = join(hosts.directory, 'pages');
    mkdirSync(folder);
    writeFileSync(join(folder, 'long.yaml'), longPage(hold));
    fleet = hosts.fleet({ playbooks: folder });
  }, 120_000);
  afterAll(async () => hosts?.stop());

  const host = (name: string): BenchHost => hosts.hosts.find((one) => one.name === name) ?? hosts.only;
  /** `who`: the name of their machine; `under`: words between it and the program. */
  const start = (who: string, state: string, words: readonly string[], under: readonly string[] = []): ReturnType<typeof startProgram> =>
    startProgram(['--fleet', fleet, ...words], {
      home: hosts.directory,
      env: { XDG_STATE_HOME: join(hosts.directory, state) },
      under: [...inOwnMountsAndName(`hostname ${who}`), ...under],
    });
  const as = (who: string, state: string, ...words: string[]): Promise<Ended> => ended(start(who, state, words));
  const run = (name: string): string[] => ['playbook', 'run', 'long', '--input', `node=${name}`, '--confirm', 'long'];
  const change = (name: string): string[] => ['act', 'change', name, '--input', 'tag=other', '--confirm', name];

  async function begun(who: string, state: string, on: BenchHost, under: readonly string[] = []) {
    const child = start(who, state, run(on.name), under);
    const end = ended(child);
    await until(() => on.times('quiet', 'end') === 1);
    return { child, end };
  }

  test.each([
    ['of one journal', 'web1', 'same', 'same'],
    ['of two people', 'web2', 'anns', 'bobs'],
  ])(
    'two %s that begin in the same moment: one walks, the other is refused by name, and told both ways on',
    async (_, name, one, two) => {
      const web = host(name);
      const both = [
        ['ann', one],
        ['bob', two],
      ].map(async ([who = '', state = '']) => {
        const end = await as(who, state, ...run(name));
        // Whoever walks waits until the other has its answer.
        web.set('go', '');
        return end;
      });
      const [won, lost] = (await Promise.all(both)).toSorted((a, b) => (a.status ?? 9) - (b.status ?? 9));
      expect([won?.status, lost?.status, web.times('quiet'), web.times('loud')], `${won?.stderr}\n${lost?.stderr}`).toEqual([0, 5, 1, 1]);
      expect(lost?.stderr).toMatch(
        /^refused: root@(ann|bob) \[\d+\] is changing web\d \(long: A long one\) for \S+, last sign \S+ ago; nothing was begun/m,
      );
      expect(lost?.stderr).toContain(`Once it is free: quarterdeck playbook run long --input node=${name}. `);
      expect(lost?.stderr).toContain('add --break-lock --reason TEXT');
    },
    150_000,
  );

  test('a run is not taken from a console that lives, even one that hangs; of two that take it up at once one goes on', async () => {
    const web = host('web3');
    const { child, end } = await begun('ann', 'alive', web);
    const alive = await as('bob', 'alive', 'playbook', 'resume', '--confirm', 'long');
    expect([alive.status, alive.stderr]).toEqual([
      5,
      expect.stringMatching(
        /root@ann's console still runs run-\S+ \(process \d+ on this machine\); it can be taken up once that has ended/,
      ),
    ]);
    child.kill('SIGSTOP');
    const hung = await as('bob', 'alive', 'playbook', 'close', '--reason', 'it hangs');
    expect([hung.status, hung.stderr]).toEqual([5, expect.stringContaining(`(process ${child.pid ?? 0} on this machine)`)]);
    child.kill('SIGKILL');
    await end;
    web.set('go', '');
    const both = await Promise.all(['bob', 'cid'].map((who) => as(who, 'alive', 'playbook', 'resume', '--confirm', 'long')));
    const [won, lost] = both.toSorted((a, b) => (a.status ?? 9) - (b.status ?? 9));
    expect([won?.status, lost?.status === 5 || lost?.status === 64], `${won?.stderr}\n${lost?.stderr}`).toEqual([0, true]);
    expect(lost?.stderr).toMatch(/has taken run-\S+ up meanwhile|console still runs|is closed \(ok\)|no run is left open/);
    expect([web.times('quiet'), web.times('loud'), web.locks()]).toEqual([1, 1, []]);
    const verified = await as('bob', 'alive', 'journal', 'verify');
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
  }, 150_000);

  test('a console that cannot be seen, in a container over the same journal, is known by its lock’s heartbeat', async () => {
    const web = host('web4');
    const { child, end } = await begun('ann', 'boxes', web, ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']);
    const refused = await as('bob', 'boxes', 'playbook', 'resume', '--confirm', 'long');
    expect([refused.status, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/^refused: root@ann \[\d+\] is changing web4 .*is left as it is/m),
    ]);
    expect(refused.stderr).toMatch(/quarterdeck playbook resume run-\S+\. To take the lock/);
    expect(web.times('loud')).toBe(0);
    child.kill('SIGKILL');
    await end;
    web.set('go', '');
    const broke = await as('bob', 'boxes', 'playbook', 'resume', '--confirm', 'long', '--break-lock', '--reason', 'her box is gone');
    expect([broke.status, broke.stderr]).toEqual([
      0,
      expect.stringMatching(/the lock of root@ann \[\d+\] on web4 was broken: her box is gone/),
    ]);
    expect([web.times('quiet'), web.times('loud'), web.locks()]).toEqual([1, 1, []]);
  }, 150_000);

  test('a console whose clock is ten minutes off sees the same lock, and goes on with the run once it is left', async () => {
    const web = host('web5');
    const ahead = ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', '+600'];
    const { child, end } = await begun('ann', 'clocks', web);
    const late = await ended(start('bob', 'elsewhere', run('web5'), ahead));
    expect([late.status, late.stderr]).toEqual([
      5,
      expect.stringMatching(/root@ann \[\d+\] is changing web5 .* last sign \d+(ms|s) ago; nothing was begun/),
    ]);
    child.kill('SIGKILL');
    await end;
    web.set('go', '');
    const resumed = await ended(start('bob', 'clocks', ['playbook', 'resume', '--confirm', 'long'], ahead));
    expect([resumed.status, resumed.stderr]).toEqual([0, expect.stringContaining('ok: every step is done')]);
    expect([web.times('quiet'), web.times('loud'), web.locks()]).toEqual([1, 1, []]);
    const verified = await as('bob', 'clocks', 'journal', 'verify');
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
  }, 150_000);

  test('a run that its console leaves keeps its host: others are told what it owes and both ways on, and its journal’s people take it up', async () => {
    const web = host('web6');
    const { child, end } = await begun('ann', 'left', web);
    // Its terminal went away.
    child.kill('SIGHUP');
    const left = await end;
    expect([left.status, left.stderr]).toEqual([
      3,
      expect.stringMatching(/go on with quarterdeck playbook resume run-\S+ --confirm long OPEN: .*quiet.* LOCKED until then: web6$/m),
    ]);
    const elsewhere = await as('bob', 'others', ...change('web6'));
    expect([elsewhere.status, elsewhere.stderr]).toEqual([
      5,
      expect.stringMatching(
        /root@ann \[\d+\] left run-\S+ open on web6 \S+ ago \(long: A long one; owes: long: quiet.*\).*the same with --break-lock --reason TEXT/,
      ),
    ]);
    const here = await as('ann', 'left', ...change('web6'));
    expect([here.status, here.stderr]).toEqual([
      5,
      expect.stringMatching(
        /left long \(run-\S+\) open on web6 in the middle: go on with it \(quarterdeck playbook resume run-\S+\), give it up \(/,
      ),
    ]);
    const open = await as('ann', 'left', 'recover');
    expect(open.stdout).toMatch(
      /left open: run-\S+ \(A long one\) by root@ann, since .*; owes: .*; keeps locked: web6\. quarterdeck playbook resume/,
    );
    expect(web.times('other')).toBe(0);
    const closed = await as('bob', 'left', 'playbook', 'close', '--reason', 'ann went home');
    expect([closed.status, closed.stderr, web.locks()]).toEqual([0, expect.stringContaining('OPEN: '), []]);
    expect((await as('bob', 'others', ...change('web6'))).status).toBe(0);
  }, 150_000);
});
