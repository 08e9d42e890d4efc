import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { Collector, file, HandClock, inode, login, nfsCalls, unit } from './demo-client.ts';

describe('a collector round of a simulated machine', () => {
  let demo: Demo;
  let clock: HandClock;
  beforeEach(async () => {
    clock = new HandClock();
    demo = await startDemo({ clock });
  });
  afterEach(() => demo.stop());

  const open = async (name: string): Promise<Collector> => Collector.open(await login(demo, name));

  it('begins with a hello that tells what the machine is', async () => {
    const collector = await open('web1');
    const hello = await collector.hello();
    expect([...hello.parts.keys()]).toEqual(['id']);
    const text = hello.parts.get('id')?.text ?? '';
    expect(text.split('\n').map((line) => line.split('=')[0])).toEqual([
      'kernel',
      'release',
      'machine',
      'os',
      'hostname',
      'boot',
      'tick',
      'page',
      'init',
      'timeout',
      'uid',
      '',
    ]);
    expect(text).toContain('hostname=web1\n');
  });

  it('has the fast parts after f and all parts after s, in numbered rounds', async () => {
    const collector = await open('nfs1');
    await collector.hello();
    expect([...(await collector.round('f')).parts.keys()]).toEqual(['proc', 'listen', 'units']);
    const slow = await collector.round('s');
    expect(slow.seq).toBe(2);
    expect([...slow.parts.keys()]).toEqual(['proc', 'listen', 'units', 'df', 'dfi', 'dstate']);
    expect(slow.parts.get('dstate')?.text).toBe('0\n');
    expect(slow.parts.get('df')?.text).toMatch(/^\/dev\/sdb1 +\d+ +\d+ +\d+ +62% \/data$/m);
  });

  it('leaves a missing file out with exit code 1, as head does, and gives nfsd only on the NFS server', async () => {
    const web = await open('web1');
    await web.hello();
    const onWeb = await web.round('f');
    expect(onWeb.parts.get('proc')?.exit).toBe(1);
    expect(file(onWeb, '/proc/net/rpc/nfsd')).toBe('');
    const server = await open('nfs1');
    await server.hello();
    const onServer = await server.round('f');
    expect(onServer.parts.get('proc')?.exit).toBe(0);
    expect(file(onServer, '/proc/net/rpc/nfsd')).toMatch(/^proc3 22 (?:\d+ ?){22}$/m);
  });

  it('counts processor time by the clock: 100 ticks a second and core', async () => {
    const collector = await open('web2');
    await collector.hello();
    const before = ticks(file(await collector.round(), '/proc/stat'));
    await clock.pass(10_000);
    const after = ticks(file(await collector.round(), '/proc/stat'));
    const all = sum(after) - sum(before);
    expect(all).toBeGreaterThan(1980);
    expect(all).toBeLessThan(2020);
    const busy = 1 - ((after[3] ?? 0) + (after[4] ?? 0) - (before[3] ?? 0) - (before[4] ?? 0)) / all;
    expect(busy).toBeGreaterThan(0.12);
    expect(busy).toBeLessThan(0.6);
    after.forEach((value, index) => expect(value).toBeGreaterThanOrEqual(before[index] ?? 0));
  });

  it('counts NFS calls on the webs, and the server counts exactly the sum of them', async () => {
    const [one, two, server] = await Promise.all([open('web1'), open('web2'), open('nfs1')]);
    await Promise.all([one.hello(), two.hello(), server.hello()]);
    const before = await one.round();
    await clock.pass(5_000);
    const [first, second, third] = await Promise.all([one.round(), two.round(), server.round()]);
    const perSecond = (nfsCalls(first) - nfsCalls(before)) / 5;
    expect(perSecond).toBeGreaterThan(150);
    expect(perSecond).toBeLessThan(600);
    const proc3 = (/^proc3 22 (.*)$/m.exec(file(third, '/proc/net/rpc/nfsd'))?.[1] ?? '').split(' ').map(Number);
    expect(sum(proc3)).toBe(nfsCalls(first) + nfsCalls(second));
    expect(proc3[6]).toBe(nfsCalls(first, 'READ') + nfsCalls(second, 'READ'));
    expect(proc3[7]).toBe(nfsCalls(first, 'WRITE') + nfsCalls(second, 'WRITE'));
  });

  it('tells units by name in the order asked, an unknown one as not-found, and listeners with their inodes', async () => {
    const collector = await open('web1');
    await collector.hello();
    const round = await collector.round('f');
    const ids = [...(round.parts.get('units')?.text ?? '').matchAll(/^Id=(.*)$/gm)].map((match) => match[1]);
    expect(ids).toEqual(['nginx.service', 'pencils.service', 'uwsgi.service', 'nfs-server.service', 'haproxy.service', 'nosuch.service']);
    expect(unit(round, 'nginx.service')).toMatchObject({ LoadState: 'loaded', ActiveState: 'active', SubState: 'running' });
    expect(unit(round, 'pencils.service')).toMatchObject({ ActiveState: 'active', SubState: 'exited', MainPID: '0' });
    expect(unit(round, 'nosuch.service')).toMatchObject({ LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead' });
    expect(inode(round, 8816)).toMatch(/^\d+$/);
    expect(round.parts.get('listen')?.text).toMatch(/ \d+ \/run\/uwsgi\/app\/img\/socket$/m);
  });

  it('serves several collectors on one connection, a script in small pieces, and survives a client that vanishes mid-round', async () => {
    const client = await login(demo, 'web1');
    const [first, second] = await Promise.all([Collector.open(client), Collector.open(client)]);
    await Promise.all([first.hello(), second.hello()]);
    const rounds = await Promise.all([first.round(), second.round()]);
    expect(rounds.map((round) => round.parts.size)).toEqual([6, 6]);
    first.channel.write('s\ns\ns\n');
    client.destroy();
    const again = await open('web1');
    await again.hello();
    expect((await again.round()).parts.size).toBe(6);
  });
});

function ticks(stat: string): number[] {
  return (/^cpu {2}(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
