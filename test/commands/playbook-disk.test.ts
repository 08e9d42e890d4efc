import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BenchHost, type Hosts, hostsMissing, startHosts } from '../actions/hosts.ts';
import { hold, longPage, until } from './long-page.ts';
import { buildProgram, ended, type Ended, quarterdeck, startProgram } from './program.ts';

const slow = '{ id: slow, run: "change slow", host: "{{ node }}", timeout: 30s, rerun: never, undo: none, why: w }';

describe.skipIf(hostsMissing())('a run whose console’s disk is full', () => {
  let hosts: Hosts;
  let fleet = '';
  const mounted: string[] = [];

  beforeAll(async () => {
    buildProgram();
    hosts = await startHosts(81, 2);
    const folder = join(hosts.directory, 'pages');
    mkdirSync(folder);
    writeFileSync(join(folder, 'long.yaml'), longPage(hold, slow));
    fleet = hosts.fleet({ playbooks: folder });
  }, 120_000);
  afterAll(async () => {
    for (const place of mounted) spawnSync('umount', ['-l', place]);
    await hosts?.stop();
  });

  /** A small disk for one console's state. */
  function diskOf(name: string) {
    const state = join(hosts.directory, name);
    mkdirSync(state);
    const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'none', state], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    mounted.push(state);
    const filling = join(state, 'filling');
    return {
      env: { XDG_STATE_HOME: state },
      fill: (): void => {
        const { bavail, bsize } = statfsSync(state);
        writeFileSync(filling, Buffer.alloc(bavail * bsize));
      },
      free: (): void => rmSync(filling),
    };
  }

  function begin(web: BenchHost, env: Readonly<Record<string, string>>) {
    const words = ['--fleet', fleet, 'playbook', 'run', 'long', '--input', `node=${web.name}`, '--confirm', 'long'];
    const child = startProgram(words, { home: hosts.directory, env });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    return { child, end: ended(child), said: () => said };
  }

  const sentence =
    /^run-\S+ stands still and sends nothing: The journal \S+ cannot be written: the disk is full; make room there\. It goes on by itself then; Ctrl-C leaves it as it is\.$/m;

  async function goesWell(web: BenchHost, env: Readonly<Record<string, string>>, end: Promise<Ended>): Promise<void> {
    const { status, stderr } = await end;
    expect([status, stderr]).toEqual([0, expect.stringContaining('ok: every step is done')]);
    expect([web.times('quiet'), web.times('slow'), web.times('loud'), web.locks(), web.steps()]).toEqual([1, 1, 1, [], []]);
    const verified = await quarterdeck(['--fleet', fleet, 'journal', 'verify'], { home: hosts.directory, env });
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
  }

  test('sends nothing, says why and what mends it, keeps its host, and goes on once there is room', async () => {
    const [web = hosts.only] = hosts.hosts;
    const disk = diskOf('small');
    const run = begin(web, disk.env);
    await until(() => web.times('quiet', 'end') === 1);
    disk.fill();
    web.set('go', '');
    await until(() => sentence.test(run.said()));
    await sleep(1500);
    expect([web.times('slow'), web.times('loud'), web.locks()]).toEqual([0, 0, ['quarterdeck-host.lock']]);
    disk.free();
    await goesWell(web, disk.env, run.end);
  }, 150_000);

  test('takes the end of a change that was under way from its host, and sends it no second time', async () => {
    const [, web = hosts.only] = hosts.hosts;
    const disk = diskOf('smaller');
    web.set('go', '');
    const run = begin(web, disk.env);
    await until(() => web.times('quiet', 'end') === 1);
    web.set('seconds', '2');
    await until(() => web.times('slow') === 1);
    disk.fill();
    await until(() => sentence.test(run.said()));
    expect(web.times('loud')).toBe(0);
    web.set('seconds', null);
    disk.free();
    await goesWell(web, disk.env, run.end);
  }, 150_000);
});
