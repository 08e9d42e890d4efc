import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { haproxy } from '../../../src/actions/pools/kinds/haproxy.ts';
import { poolNoteKey } from '../../../src/probe/pools/notes.ts';
import { removeNote, writeNote } from '../../../src/remote/host-note.ts';
import { lacks } from '../../probe/needs.ts';
import { PoolBench, refusalOf } from '../../probe/pools/bench.ts';
import { Backend, fetched, Haproxy, until, whoAnswers } from '../../probe/pools/servers.ts';

const missing = lacks('haproxy', '-v') || lacks('socat', '-V');

const pool = {
  kind: 'haproxy',
  on: 'lb',
  socket: '~/admin.sock',
  backend: 'web',
  members: { role: 'web' },
  drain: { ports: [80], atMost: 0 },
};
const members = [{ name: 'web1' }, { name: 'web2' }];

/** Shells and tools that a host may have; each must do alone. */
const usual = [
  'sh',
  'sed',
  'grep',
  'head',
  'tail',
  'tr',
  'awk',
  'readlink',
  'cat',
  'cp',
  'mv',
  'rm',
  'sleep',
  'setsid',
  'cut',
  'date',
  'stat',
];

describe.skipIf(missing)('a HAProxy backend', () => {
  let web1: Backend;
  let web2: Backend;
  let bench: PoolBench;
  let lb: Haproxy;

  const config =
    (folder: string, stateFile: string | null) =>
    (port: number): string =>
      `global
  stats socket ${folder}/admin.sock mode 600 level admin
  ${stateFile === null ? '' : `server-state-file ${stateFile}`}
defaults
  mode http
  timeout connect 1s
  timeout client 20s
  timeout server 20s
  ${stateFile === null ? '' : 'load-server-state-from-file global'}
frontend front
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance roundrobin
  option httpchk GET /
  server web1 127.0.0.1:${web1.port} check inter 100ms rise 2 fall 2 weight 10
  server web2 127.0.0.1:${web2.port} check inter 100ms rise 2 fall 2 weight 10
`;

  beforeAll(async () => {
    web1 = await new Backend('web1').start();
    web2 = await new Backend('web2').start();
    bench = new PoolBench([...members, { name: 'lb1', role: 'lb' }], { web: pool });
    lb = await Haproxy.start(bench.home('lb1'), config(bench.home('lb1'), null));
  });
  afterAll(async () => {
    await lb.stop();
    bench.stop();
    web1.stop();
    web2.stop();
  });
  beforeEach(async () => {
    bench.path = process.env['PATH'] ?? '';
    bench.shell = ['sh'];
    for (const name of ['web1', 'web2']) {
      lb.ask(`set server web/${name} weight 10`);
      lb.ask(`set server web/${name} state ready`);
    }
    await until(() => up('web1') && up('web2'));
  });
  afterEach(() => {
    web1.release();
    web2.release();
  });

  const up = (name: string, of = lb): boolean => new RegExp(`^web,${name},.*,UP,.*,L7OK,`, 'm').test(of.ask('show stat web 4 -1'));
  const drain = async (host: string): Promise<void> => bench.done(haproxy.drain(bench.driverContext(), await bench.target(host)));
  const restore = async (host: string): Promise<void> => {
    const target = await bench.target(host);
    await bench.done(haproxy.restore(bench.driverContext(), target, saved));
  };
  let saved: Readonly<Record<string, string | number | boolean | null>> = {};

  test('loses no request while a member drains, is stopped and comes back, and it is up again only when its checks say so', async () => {
    const before = await bench.member('web1');
    expect(before).toMatchObject({ server: 'web/web1', state: 'in', health: 'up', connections: 0, weight: 10, text: 'UP, L7OK' });
    saved = before.saved;
    const slow = fetched(lb.port, '/slow');
    await until(() => web1.waiting + web2.waiting === 1);
    const held = web1.waiting === 1 ? 'web1' : 'web2';
    const other = held === 'web1' ? 'web2' : 'web1';

    await drain(held);
    expect(await bench.member(held)).toMatchObject({ state: 'draining', connections: 1, text: 'DRAIN, L7OK', health: 'up' });
    const [idle, busy] = [await bench.member(held), await bench.member(other)];
    expect(await whoAnswers(lb.port)).toEqual(new Set([other]));
    expect((await bench.member(held)).requests).toBe(idle.requests);
    expect((await bench.member(other)).requests).toBe((busy.requests ?? 0) + 6);
    web1.release();
    web2.release();
    expect(await slow).toBe(held);
    await until(async () => (await bench.member(held)).connections === 0);
    expect(await bench.member(held)).toMatchObject({ state: 'out', connections: 0, text: 'DRAIN, L7OK' });

    saved = { [`admin static/lb1`]: 'ready', [`weight static/lb1`]: 10 };
    await bench.done(haproxy.force(bench.driverContext(), await bench.target(held)));
    expect(await bench.member(held)).toMatchObject({ state: 'out', health: 'unknown', text: expect.stringMatching(/^MAINT/) });
    await restore(held);
    const first = await bench.member(held);
    expect(first.state).toBe('in');
    await until(() => up(held));
    expect(await whoAnswers(lb.port)).toEqual(new Set(['web1', 'web2']));
  });

  test('is never called up while it passes through "UP 1/2"', async () => {
    const target = await bench.target('web1');
    await bench.done(haproxy.force(bench.driverContext(), target));
    await bench.done(haproxy.restore(bench.driverContext(), await bench.target('web1'), target.member.saved));
    const seen: string[] = [];
    await until(async () => {
      const member = await bench.member('web1');
      seen.push(`${member.health}: ${member.text}`);
      return member.health === 'up';
    });
    expect(seen.filter((line) => /UP \d\/\d/.test(line) && !line.startsWith('unknown'))).toEqual([]);
    expect(seen.at(-1)).toBe('up: UP, L7OK');
  });

  test('gets the weight back that it had', async () => {
    const { member } = await bench.target('web1');
    await drain('web1');
    lb.ask('set server web/web1 weight 3');
    const target = await bench.target('web1');
    expect(target.member.weight).toBe(3);
    await bench.done(haproxy.restore(bench.driverContext(), target, member.saved));
    await until(() => up('web1'));
    expect(await bench.member('web1')).toMatchObject({ state: 'in', weight: 10 });
  });

  test('cuts off what is under way only when it is forced', async () => {
    const slow = fetched(lb.port, '/slow');
    await until(() => web1.waiting + web2.waiting === 1);
    const held = web1.waiting === 1 ? 'web1' : 'web2';
    const change = haproxy.force(bench.driverContext(), await bench.target(held));
    expect(change).toMatchObject({ kind: 'commands', warnings: [`connections to ${held} are cut off`] });
    await bench.done(change);
    expect(await slow).toMatch(/^(status 50\d|error)/);
    expect(await bench.member(held)).toMatchObject({ state: 'out', connections: 0 });
  });

  test('forgets a drain at a reload without a state file, and says so before', async () => {
    expect((await bench.read()).warnings).toEqual([
      'a reload of haproxy on lb1 forgets drains: it has no server-state-file with load-server-state-from-file',
    ]);
    await drain('web1');
    await lb.reload();
    await until(() => up('web1'));
    expect(await bench.member('web1')).toMatchObject({ state: 'in' });
  });

  test('keeps a drain over a reload where a state file is loaded, because the change writes it', async () => {
    const own = new PoolBench([...members, { name: 'lb1', role: 'lb' }], { web: pool });
    const file = join(own.home('lb1'), 'states');
    writeFileSync(file, '');
    chmodSync(file, 0o640);
    const keeping = await Haproxy.start(own.home('lb1'), config(own.home('lb1'), file));
    try {
      await until(() => up('web1', keeping));
      expect((await own.read()).warnings).toEqual([]);
      await own.done(haproxy.drain(own.driverContext(), await own.target('web1')));
      expect(readFileSync(file, 'utf8')).toContain('web1');
      expect(statSync(file).mode & 0o777).toBe(0o640);
      expect(existsSync(`${file}.quarterdeck`)).toBe(false);
      await keeping.reload();
      await until(async () => (await own.member('web1')).health === 'up');
      expect(await own.member('web1')).toMatchObject({ state: 'out', text: 'DRAIN, L7OK' });
      expect(await whoAnswers(keeping.port)).toEqual(new Set(['web2']));
    } finally {
      await keeping.stop();
      own.stop();
    }
  });

  test('makes no claim about reloads when its configuration cannot be read', async () => {
    // Without awk the arguments of the process cannot be cut apart.
    bench.path = bench.only([...usual.filter((each) => each !== 'awk'), 'socat']);
    expect(await bench.read()).toMatchObject({ warnings: [], error: null, members: [{ state: 'in' }, { state: 'in' }] });
  });

  test.each([['socat'], ['python3'], ['perl'], ['nc']])('is read and changed through %s alone', async (tool) => {
    bench.path = bench.only([...usual, tool]);
    const reading = await bench.read();
    const missingTool = !existsSync(join(bench.path, tool));
    if (missingTool && process.env['CI'] !== 'true') return expect(reading.error).toContain('socat, nc -U, python3 or perl');
    expect(reading.error).toBe(null);
    await drain('web2');
    expect(await bench.member('web2')).toMatchObject({ state: 'out', text: 'DRAIN, L7OK' });
  });

  test('says what is missing when the host has no way to a socket', async () => {
    bench.path = bench.only(usual);
    const reading = await bench.read();
    expect(reading.error).toBe('lb1: reading the socket of HAProxy needs socat, nc -U, python3 or perl there');
    expect(reading.members.map(({ state }) => state)).toEqual(['unknown', 'unknown']);
    bench.path = process.env['PATH'] ?? '';
  });

  test.each([[['dash']], [['bash', '--posix']], [['busybox', 'ash']], [['mksh']]])('is read and changed by %s', async (shell) => {
    if (lacks(shell[0] ?? '', '--help')) return;
    bench.shell = shell;
    await drain('web1');
    expect(await bench.member('web1')).toMatchObject({ state: 'out', connections: 0 });
  });

  test('a command that HAProxy refuses fails with its words', async () => {
    const target = await bench.target('web1');
    const wrong = { ...target, member: { ...target.member, saved: { ...target.member.saved, 'server static/lb1': 'web9' } } };
    const [result] = await bench.send(haproxy.drain(bench.driverContext(), wrong));
    expect(result).toMatchObject({ exit: 1, stderr: 'HAProxy answered set server web/web9 state drain: No such server.\n' });
  });

  test('a host that it does not list, and one that two servers fit, are unknown and not changed', async () => {
    const own = new PoolBench([{ name: 'web9' }, { name: 'web8', address: '127.0.0.1' }, { name: 'lb1', role: 'lb' }], {
      web: { ...pool, socket: join(bench.home('lb1'), 'admin.sock') },
    });
    expect(await own.member('web9')).toMatchObject({ state: 'unknown', server: null, text: 'no server of web has its name or address' });
    expect(await own.member('web8')).toMatchObject({ state: 'unknown', text: '2 servers fit it (web1, web2)' });
    expect(refusalOf(haproxy.drain(own.driverContext(), await own.target('web9')))).toContain('does not list web9');
    own.stop();
  });

  test('who took it out stands in the note beside the balancer, until it is in again', async () => {
    const key = poolNoteKey('web', 'static/web1');
    const note = { who: 'ann@desk', reason: 'kernel \u001b[31mupdate', at: 1_700_000_000_000, actionId: 'a-1' };
    await bench.run('lb1', writeNote(key, note));
    try {
      expect((await bench.member('web1')).takenOutBy).toBe(null);
      await drain('web1');
      expect((await bench.member('web1')).takenOutBy).toEqual({ ...note, reason: 'kernel \\x1b[31mupdate' });
      expect((await bench.member('web2')).takenOutBy).toBe(null);
    } finally {
      await bench.run('lb1', removeNote(key));
    }
  });
});

describe.skipIf(missing)('two HAProxy balancers of one pool', () => {
  let web1: Backend;
  let bench: PoolBench;
  let first: Haproxy;
  let second: Haproxy;

  beforeAll(async () => {
    web1 = await new Backend('web1').start();
    bench = new PoolBench(
      [
        { name: 'web1', address: '127.0.0.1' },
        { name: 'lb1', role: 'lb' },
        { name: 'lb2', role: 'lb' },
      ],
      { web: pool },
    );
    const config = (name: string, server: string) => (port: number) =>
      `global
  stats socket ${bench.home(name)}/admin.sock level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server ${server} 127.0.0.1:${web1.port}
`;
    first = await Haproxy.start(bench.home('lb1'), config('lb1', 'web1'));
    second = await Haproxy.start(bench.home('lb2'), config('lb2', 'named-otherwise'));
  });
  afterAll(async () => {
    await first.stop();
    await second.stop();
    web1.stop();
    bench.stop();
  });

  test('are both changed, by the name that each has for the member', async () => {
    const target = await bench.target('web1');
    expect(target.member).toMatchObject({ state: 'in', health: 'unknown', text: 'no check' });
    const context = bench.driverContext();
    expect(haproxy.hosts(context, target)).toEqual(['static/lb1', 'static/lb2']);
    await bench.done(haproxy.drain(context, target));
    expect(first.ask('show servers state web')).toMatch(/ web1 127\.0\.0\.1 2 8 /);
    expect(second.ask('show servers state web')).toMatch(/ named-otherwise 127\.0\.0\.1 2 8 /);
    expect(await bench.member('web1')).toMatchObject({ state: 'out', text: 'DRAIN' });
    await bench.done(haproxy.restore(context, await bench.target('web1'), target.member.saved));
    expect(await bench.member('web1')).toMatchObject({ state: 'in' });
  });

  test('leave a member in when one of them does, with both views said, and put each back as it was', async () => {
    second.ask('set server web/named-otherwise state maint');
    const reading = await bench.read();
    expect(reading.members[0]).toMatchObject({ state: 'in', text: 'lb1: no check; lb2: MAINT' });
    expect(reading.warnings).toContain('the balancers differ about web1: lb1 in, lb2 out');
    const target = await bench.target('web1');
    const context = bench.driverContext();
    await bench.done(haproxy.drain(context, target));
    await bench.done(haproxy.restore(context, await bench.target('web1'), target.member.saved));
    expect(await bench.member('web1')).toMatchObject({ text: 'lb1: no check; lb2: MAINT' });
    second.ask('set server web/named-otherwise state ready');
  });

  test('make a member unknown when one is out and the other cannot be asked, and refuse to change half of a pool', async () => {
    const context = bench.driverContext();
    const { member } = await bench.target('web1');
    await bench.done(haproxy.drain(context, await bench.target('web1')));
    bench.away.add('lb2');
    const reading = await bench.read();
    expect(reading.members[0]).toMatchObject({ state: 'unknown', text: 'lb1: DRAIN; lb2: lb2 has no connection now' });
    expect(reading.warnings).toContain('lb2 has no connection now');
    expect(refusalOf(haproxy.restore(context, await bench.target('web1'), member.saved))).toMatch(/^HAProxy on lb2 was not read/);
    bench.away.delete('lb2');
    await bench.done(haproxy.restore(context, await bench.target('web1'), member.saved));
  });

  test('that are all gone are unknown, and a change that comes too late for one fails', async () => {
    const target = await bench.target('web1');
    const change = haproxy.drain(bench.driverContext(), target);
    await first.stop();
    const results = await bench.send(change);
    expect(results.map(({ exit }) => exit)).toEqual([1]);
    await second.stop();
    const reading = await bench.read();
    expect(reading.error).toMatch(/^lb1: .*; lb2: /);
    expect(reading.members).toMatchObject([{ state: 'unknown', health: 'unknown', connections: null }]);
  });
});
