import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/start-demo.ts';
import { Collector, file, get, HandClock, inode, login, nfsCalls, type Ran, run, unit } from './demo-client.ts';

describe('a scenario', () => {
  let demo: Demo;
  let clock: HandClock;
  beforeEach(async () => {
    clock = new HandClock();
    demo = await startDemo({ clock });
  });
  afterEach(() => demo.stop());

  const collector = async (name: string): Promise<Collector> => {
    const opened = await Collector.open(await login(demo, name));
    await opened.hello();
    return opened;
  };
  const calm = (): void => {
    demo.setScenario(null);
    expect(demo.current()).toBeNull();
  };

  it('pencils-down closes the port under an active unit, and a restart heals it with a new instance', async () => {
    const web = await collector('web2');
    const before = await web.round();
    demo.setScenario('pencils-down');
    expect(demo.current()).toBe('pencils-down');
    const broken = await web.round();
    expect(unit(broken, 'pencils.service')).toMatchObject({ ActiveState: 'active', SubState: 'exited' });
    expect(inode(broken, 8816)).toBeNull();
    const client = await login(demo, 'web2');
    expect((await get(client, 80, '/load/first'))?.status).toBe(502);
    const restart = run(client, 'sudo -n systemctl restart pencils');
    expect((await during(clock, restart)).code).toBe(0);
    await clock.pass(1_000);
    const healed = await web.round();
    expect(inode(healed, 8816)).not.toBeNull();
    expect(inode(healed, 8816)).not.toBe(inode(before, 8816));
    expect(unit(healed, 'pencils.service').InvocationID).not.toBe(unit(before, 'pencils.service').InvocationID);
    calm();
    expect(inode(await web.round(), 8816)).toBe(inode(healed, 8816));
  });

  it('wont-start prints "Did not start.", exits 0 and leaves the port closed', async () => {
    demo.setScenario('wont-start');
    const client = await login(demo, 'web2');
    const restart = run(client, "exec sudo -n -- sh -c 'timeout -k 2 30 /etc/init.d/pencils restart'");
    expect(await during(clock, restart)).toEqual({ out: 'Did not start.\n', err: '', code: 0 });
    const web = await collector('web2');
    const broken = await web.round();
    expect(unit(broken, 'pencils.service')).toMatchObject({ ActiveState: 'active', SubState: 'exited' });
    expect(inode(broken, 8816)).toBeNull();
    calm();
    await clock.pass(5_000);
    expect(inode(await web.round(), 8816)).not.toBeNull();
  });

  it('nfs-hang leaves requests outstanding, raises load and D state, and /load/first never answers', async () => {
    const [web, server] = await Promise.all([collector('web1'), collector('nfs1')]);
    demo.setScenario('nfs-hang');
    await clock.pass(5_000);
    const first = await web.round();
    await clock.pass(30_000);
    const [second, onServer] = await Promise.all([web.round(), server.round()]);
    expect(nfsCalls(second)).toBe(nfsCalls(first));
    const [sent = 0, received = 0] = (/xprt:\ttcp \d+ \d+ \d+ \d+ \d+ (\d+) (\d+) /.exec(file(second, '/proc/self/mountstats')) ?? [])
      .slice(1)
      .map(Number);
    expect(sent - received).toBeGreaterThan(10);
    expect(Number(second.parts.get('dstate')?.text)).toBeGreaterThan(Number(first.parts.get('dstate')?.text));
    expect(Number(file(second, '/proc/loadavg').split(' ')[0])).toBeGreaterThan(5);
    const client = await login(demo, 'web1');
    const hanging = get(client, 80, '/load/first', 300);
    expect(await hanging).toBeNull();
    const stat = run(client, 'timeout 5 stat -t /mnt/datadisk/data');
    expect((await during(clock, stat)).code).toBe(124);
    // The server's own disk hangs too: that is what tells this from a daemon that a restart would heal.
    expect((await during(clock, run(await login(demo, 'nfs1'), 'timeout 5 stat -t /data'))).code).toBe(124);
    const later = await server.round();
    expect(line(later, '/proc/net/rpc/nfsd', 'proc3')).toBe(line(onServer, '/proc/net/rpc/nfsd', 'proc3'));
    expect(file(later, '/proc/diskstats')).toMatch(/ sdb (?:\d+ ){8}32 /);
    calm();
    await clock.pass(5_000);
    expect(nfsCalls(await web.round())).toBeGreaterThan(nfsCalls(second));
  });

  it('nfs-slow brings calls to about 48 ms and the data disk to its ceiling', async () => {
    const [web, server] = await Promise.all([collector('web1'), collector('nfs1')]);
    demo.setScenario('nfs-slow');
    await clock.pass(1_000);
    const before = await Promise.all([web.round(), server.round()]);
    await clock.pass(10_000);
    const after = await Promise.all([web.round(), server.round()]);
    const rtt = (rttMs(after[0]) - rttMs(before[0])) / (nfsCalls(after[0]) - nfsCalls(before[0]));
    expect(rtt).toBeGreaterThan(40);
    expect(rtt).toBeLessThan(56);
    const iops = (diskOps(after[1]) - diskOps(before[1])) / 10;
    expect(iops).toBeGreaterThan(2700);
    expect(iops).toBeLessThanOrEqual(3000);
    calm();
    const calmBefore = await server.round();
    await clock.pass(10_000);
    expect((diskOps(await server.round()) - diskOps(calmBefore)) / 10).toBeLessThan(800);
  });

  it('disk-full shows /data at 97 per cent and gives the space back', async () => {
    const server = await collector('nfs1');
    demo.setScenario('disk-full');
    expect((await server.round()).parts.get('df')?.text).toMatch(/ 97% \/data$/m);
    calm();
    expect((await server.round()).parts.get('df')?.text).toMatch(/ 62% \/data$/m);
  });

  it('mount-lost takes the mount out of mountstats while /load/first answers 200 with an error', async () => {
    const web = await collector('web1');
    const client = await login(demo, 'web1');
    demo.setScenario('mount-lost');
    expect(file(await web.round(), '/proc/self/mountstats')).not.toContain('/mnt/datadisk');
    const answer = get(client, 80, '/load/first');
    for (let turn = 0; turn < 10; turn += 1) {
      await settle();
      await clock.pass(100);
    }
    expect(await answer).toEqual({ status: 200, body: '{"error":"Could not read file first"}' });
    calm();
    expect(file(await web.round(), '/proc/self/mountstats')).toContain('nfs:/data mounted on /mnt/datadisk with fstype nfs');
  });

  it('cpu-hog uses 97 per cent of web1', async () => {
    const web = await collector('web1');
    demo.setScenario('cpu-hog');
    const before = await web.round();
    await clock.pass(10_000);
    const after = await web.round();
    const idle = (round: typeof before): number => Number(/^cpu {2}(?:\d+ ){3}(\d+)/.exec(file(round, '/proc/stat'))?.[1]);
    expect((idle(after) - idle(before)) / 2000).toBeLessThan(0.06);
  });

  it('host-down refuses connections and cuts open ones, until it is over', async () => {
    const client = await login(demo, 'web2');
    const cut = new Promise<void>((resolve) => client.on('close', () => resolve()));
    demo.setScenario('host-down');
    await cut;
    await expect(login(demo, 'web2')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    calm();
    await settle();
    (await login(demo, 'web2')).end();
  });

  it('no-shell takes logins and answers no command, until it is over', async () => {
    const client = await login(demo, 'web2');
    const cut = new Promise<void>((resolve) => client.on('close', () => resolve()));
    demo.setScenario('no-shell');
    await cut;
    const next = await login(demo, 'web2');
    const silent = await Promise.race([
      run(next, 'uptime').then(
        () => 'it answered',
        () => 'it was cut',
      ),
      settle().then(() => 'silent'),
    ]);
    expect(silent).toBe('silent');
    calm();
    await settle();
    expect((await run(await login(demo, 'web2'), 'uptime')).code).toBe(0);
  });

  it('web-flap takes web1 away and brings it back again and again', async () => {
    demo.setScenario('web-flap');
    await expect(login(demo, 'web1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await clock.pass(9_500);
    await settle();
    const web = await collector('web1');
    expect(inode(await web.round(), 80)).not.toBeNull();
    const cut = new Promise((resolve) => web.channel.on('close', resolve));
    await clock.pass(14_000);
    await cut;
    await expect(login(demo, 'web1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    calm();
    await settle();
    (await login(demo, 'web1')).end();
  });

  it('gives way to the next one, which does not inherit its damage', async () => {
    demo.setScenario('disk-full');
    demo.setScenario('nfs-slow');
    const server = await collector('nfs1');
    expect((await server.round()).parts.get('df')?.text).toMatch(/ 62% \/data$/m);
    expect(demo.scenarios.map(({ name }) => name)).toEqual([
      'pencils-down',
      'nfs-hang',
      'nfs-slow',
      'web-flap',
      'disk-full',
      'cpu-hog',
      'wont-start',
      'mount-lost',
      'host-down',
      'no-shell',
      'zone-missing',
      'quota',
      'expired-credentials',
      'lb-reload',
      'backup-empty-source',
    ]);
  });
});

/** Lets the machine's time run until the command has ended. */
async function during(clock: HandClock, ending: Promise<Ran>): Promise<Ran> {
  for (;;) {
    const ran = await Promise.race([ending, settle().then(() => null)]);
    if (ran !== null) return ran;
    await clock.pass(500);
  }
}

/** Lets what was sent arrive. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

type Round = Awaited<ReturnType<Collector['round']>>;

function line(round: Round, path: string, start: string): string {
  return (
    file(round, path)
      .split('\n')
      .find((one) => one.startsWith(start)) ?? ''
  );
}

function rttMs(round: Round): number {
  return [...file(round, '/proc/self/mountstats').matchAll(/^\t *[A-Z]+: (?:\d+ ){6}(\d+) /gm)].reduce(
    (total, row) => total + Number(row[1]),
    0,
  );
}

function diskOps(round: Round): number {
  const cells = (/ sdb (.*)$/m.exec(file(round, '/proc/diskstats'))?.[1] ?? '').split(' ').map(Number);
  return (cells[0] ?? 0) + (cells[4] ?? 0);
}
