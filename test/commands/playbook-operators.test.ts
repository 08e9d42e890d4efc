import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { head, longPage, until } from './long-page.ts';
import { inOwnMountsAndName } from './own-mounts.ts';
import { buildProgram, ended, type Ended, startProgram } from './program.ts';

const pages = {
  long: longPage(
    '{ id: slow, run: "change slow; sleep 3; change slow-end", host: "{{ node }}", timeout: 20s, rerun: never, undo: none, why: w }',
  ),
  token: `playbook: token
${head}title: With a secret
inputs: { node: { type: host, from: web }, token: { type: secret, pattern: "^canary-" }, more: { type: secret, optional: true } }
lock: ["node:{{ node }}"]
steps:
  - id: use
    run: "change use; printf 'said %s\\\\n' {{ token }}; sleep 3; change used"
    host: "{{ node }}"
    timeout: 20s
    save: use
    undo: none
    why: w
  - { id: again, run: "printf %s {{ token }} | grep -qx 'canary-7f.a' && change again", host: "{{ node }}", timeout: 20s, undo: none, why: w }
`,
};

describe.skipIf(hostsMissing())('two people and a run on the command line', () => {
  let hosts: Hosts;
  let fleet = '';

  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(77, 4);
    const folder = join(hosts.directory, 'pages');
    mkdirSync(folder);
    for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, `${name}.yaml`), text);
    fleet = hosts.fleet({ playbooks: folder });
  }, 150_000);
  afterAll(async () => hosts?.stop());

  const host = (name: string): BenchHost => hosts.hosts.find((one) => one.name === name) ?? hosts.only;
  /** `who`: the name of their machine. */
  const start = (who: string, state: string, ...words: string[]): ReturnType<typeof startProgram> =>
    startProgram(['--fleet', fleet, ...words], {
      home: hosts.directory,
      env: { XDG_STATE_HOME: join(hosts.directory, state) },
      under: inOwnMountsAndName(`hostname ${who}`),
    });
  const as = (who: string, state: string, ...words: string[]): Promise<Ended> => ended(start(who, state, ...words));

  /** Begins a run and kills its console in the middle of a step. */
  async function killedIn(tag: string, on: BenchHost, state: string, ...words: string[]): Promise<void> {
    const child = start('ann', state, 'playbook', 'run', ...words);
    const end = ended(child);
    await until(() => on.times(tag) > 0);
    child.kill('SIGKILL');
    expect((await end).signal).toBe('SIGKILL');
  }

  function everyByteOf(state: string): string {
    const files = readdirSync(join(hosts.directory, state), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('');
  }

  test.concurrent('a run that is given up is offered no more, sends nothing, tells what it owes and frees its host', async () => {
    const web = host('web1');
    await killedIn('slow', web, 'given', 'long', '--input', 'node=web1', '--confirm', 'long');
    const unreasoned = await as('bob', 'given', 'playbook', 'close');
    expect([unreasoned.status, unreasoned.stderr]).toEqual([5, expect.stringContaining('needs a reason')]);
    const closed = await as('bob', 'given', 'playbook', 'close', '--reason', 'ann went home');
    expect([closed.status, closed.stderr]).toEqual([
      0,
      expect.stringMatching(/aborted: given up by \S+@bob: ann went home; nobody saw the end of: change slow.*not taken back: .*OPEN: /s),
    ]);
    expect(closed.stderr).toContain('web1 stays locked until it is known what became of: change slow');
    const elsewhere = await as('cid', 'other', 'act', 'change', 'web1', '--input', 'tag=other', '--confirm', 'web1');
    expect([elsewhere.status, elsewhere.stderr]).toEqual([
      5,
      expect.stringMatching(
        /root@bob .*left run-\S+ open on web1 .*given up by \S+@bob: ann went home; nobody saw the end of: change slow/,
      ),
    ]);
    const again = await as('bob', 'given', 'playbook', 'resume');
    expect([again.status, again.stderr]).toEqual([64, expect.stringContaining('no run is left open')]);
    expect([web.times('loud'), web.times('other')]).toEqual([0, 0]);
    expect([(await as('bob', 'given', 'recover')).status, web.locks()]).toEqual([0, []]);
    const verified = await as('bob', 'given', 'journal', 'verify');
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
  }, 150_000);

  test.concurrent('a lock of a console elsewhere is broken for a reason only, that is told, and its first holder goes no further', async () => {
    const web = host('web2');
    const first = start('ann', 'first', 'playbook', 'run', 'long', '--input', 'node=web2', '--confirm', 'long');
    const firstEnd = ended(first);
    await until(() => web.times('slow') > 0);
    first.kill('SIGSTOP');
    const words = ['playbook', 'run', 'long', '--input', 'node=web2', '--confirm', 'long'];
    const refused = await as('bob', 'second', ...words);
    expect([refused.status, refused.stderr]).toEqual([5, expect.stringMatching(/@ann \[\d+\] is changing web2/)]);
    const unreasoned = await as('bob', 'second', ...words, '--break-lock');
    expect([unreasoned.status, unreasoned.stderr]).toEqual([5, expect.stringContaining('needs a reason')]);
    await until(() => web.times('slow-end') === 1);
    const broke = await as('bob', 'second', ...words, '--break-lock', '--reason', 'her machine is dead');
    expect([broke.status, broke.stderr]).toEqual([
      0,
      expect.stringMatching(/tell the team: the lock of \S+@ann \[\d+\] on web2 was broken: her machine is dead/),
    ]);
    const loud = web.times('loud');
    first.kill('SIGCONT');
    const came = await firstEnd;
    expect([came.status, came.stderr]).toEqual([expect.not.stringMatching('0'), expect.stringMatching(/taken away|lock/)]);
    expect([loud, web.times('loud')]).toEqual([1, 1]);
  }, 150_000);

  test.concurrent('a run with a secret that is killed and taken up asks for it again, and keeps it nowhere', async () => {
    const web = host('web3');
    const [good, bad] = ['canary-7f3a', 'x'].map((text, index) => {
      const file = join(hosts.directory, `secret${index}`);
      writeFileSync(file, `${text}\n`, { mode: 0o600 });
      return file;
    });
    await killedIn('use', web, 'secret', 'token', '--input', 'node=web3', '--input-file', `token=${good ?? ''}`, '--confirm', 'token');
    const resume = (...words: string[]): Promise<Ended> => as('bob', 'secret', 'playbook', 'resume', '--confirm', 'token', ...words);
    const without = await resume();
    expect([without.status, without.stderr]).toEqual([5, expect.stringContaining('needs the secret token again')]);
    const wrong = await resume('--input-file', `token=${bad ?? ''}`);
    expect([wrong.status, wrong.stderr]).toEqual([64, expect.stringContaining('token must match ^canary-')]);
    const moved = await resume('--input-file', `token=${good ?? ''}`, '--input', 'node=web1');
    expect([moved.status, moved.stderr]).toEqual([64, expect.stringContaining('node is no input here')]);
    const well = await resume('--input-file', `token=${good ?? ''}`);
    expect([well.status, well.stderr]).toEqual([0, expect.stringContaining('ok: every step is done')]);
    expect([web.times('use'), web.times('used'), web.times('again')]).toEqual([1, 1, 1]);
    expect(everyByteOf('secret').includes('canary-7f3a')).toBe(false);
  }, 150_000);

  test.concurrent('what a command with a secret said is not kept by who only looks what became of it', async () => {
    const web = host('web4');
    const file = join(hosts.directory, 'secret0');
    writeFileSync(file, 'canary-7f3a\n', { mode: 0o600 });
    await killedIn('use', web, 'looked', 'token', '--input', 'node=web4', '--input-file', `token=${file}`, '--confirm', 'token');
    const looked = await as('bob', 'looked', 'recover');
    expect([looked.status, looked.stdout]).toEqual([0, expect.stringContaining('taken up after its console ended: exit 0')]);
    expect(everyByteOf('looked').includes('canary-7f3a')).toBe(false);
    expect(looked.stdout).not.toContain('canary-7f3a');
  }, 150_000);
});
