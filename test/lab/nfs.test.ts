import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { ordersOf, untilStatus } from './balancer.ts';
import { hostIn, type HostStatus, type NfsRates } from './console.ts';
import { describeVms } from './describe-lab.ts';
import { type Lab, startLab } from './lab.ts';
import { nfsFleet } from './nfs-fleet.ts';
import { exampleOn, RunConsole, type RunningCommand } from './run-console.ts';
import { Watch } from './watch.ts';

const mount = '/mnt/datadisk';
/** Answers of the page about NFS for a server whose machine is gone, and for all that follows its way back. */
const serverGone = ['serial=done', 'server-gone=wedged', 'reset=done'];
const wayBack = ['which=web1 web2', 'copy=no'];
const answers = (given: readonly string[]): string[] => given.flatMap((each) => ['--answer', `to-nfs>${each}`]);

/** 16 KiB at a time past the client's cache, at most 25 a second, so that a poll always falls into the load. Prints what it did. */
const knownLoad = (reads: number, writes: number): string => `python3 - <<'end'
import mmap, os, time
block = mmap.mmap(-1, 16384)
file = os.open('${mount}/known', os.O_RDWR | os.O_CREAT | os.O_DIRECT)
began, done = time.monotonic(), 0
for call, count in ((os.pwritev, ${writes}), (os.preadv, ${reads})):
    for nth in range(count):
        call(file, [block], nth % 16 * 16384)
        done += 1
        time.sleep(max(0, began + done / 25 - time.monotonic()))
end`;

const share = (seen: number, real: number): number => seen / real;
/** A rate is by the host's clock, its time here by when it came: on a busy machine the two differ by a second of three, either way. */
const about: unknown = expect.toSatisfy((part: number) => part > 0.85 && part < 1.15);

// A walk of the page waits for kernels that pause up to minutes before they connect again.
vi.setConfig({ testTimeout: 500_000 });

describeVms('NFS between two machines with kernels of their own', () => {
  let lab: Lab;
  let fleet = '';
  let qd: RunConsole;
  const open: (RunningCommand | Watch)[] = [];

  beforeAll(async () => {
    lab = await startLab({
      hosts: [
        { name: 'nfs', role: 'nfs', vm: true },
        { name: 'web1', role: 'web', vm: true },
        { name: 'web2', role: 'web' },
        { name: 'lb1', role: 'lb' },
      ],
    });
    fleet = nfsFleet(lab);
  });
  afterAll(() => lab?.stop());

  beforeEach(async () => {
    qd = new RunConsole(fleet);
    // After an outage the kernel pauses before it connects again.
    await untilStatus(lab, 'web1', 'UP', 120_000);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.kill()));
    await lab.thaw('nfs');
    await lab.must('nfs', 'systemctl start nfs-server; exportfs -ra', 60_000);
    qd.close();
  });

  function watch(): Watch {
    const watching = new Watch(qd);
    open.push(watching);
    return watching;
  }

  function run(...given: readonly string[]): RunningCommand {
    const command = qd.start(...exampleOn('web1', 'nothing loads on web1', ...answers(given)));
    open.push(command);
    return command;
  }

  /** Operations of a kind that the client's kernel has counted since the mount. */
  async function counted(kind: string): Promise<number> {
    const lines = await lab.must(
      'web1',
      `awk '$1 == "device" { here = $5 == "${mount}" } here && $1 == "${kind}:" { print $2 }' /proc/self/mountstats`,
    );
    return Number(lines);
  }

  const restarts = async (): Promise<number> =>
    (await lab.must('web1', 'journalctl --no-pager -o cat _COMM=sudo')).split('pencils restart').length - 1;
  /** What was ordered of the balancer and of pencils so far. */
  const orders = async () => ({ ...(await ordersOf(lab, 'web1')), restarts: await restarts() });

  it('counts the operations of a known load, on the client and on the server', async () => {
    const watching = watch();
    await watching.untilHosts(['nfs', 'web1'], 3);
    const [reads, writes] = [await counted('READ'), await counted('WRITE')];
    await lab.must('web1', knownLoad(750, 500), 120_000);
    const did = { reads: (await counted('READ')) - reads, writes: (await counted('WRITE')) - writes };
    expect(did).toEqual({ reads: 750, writes: 500 });
    // What went on after the last round is in the next ones.
    await watching.untilHosts(['nfs', 'web1'], 2);
    const client = ({ nfs }: HostStatus) => nfs.mounts.find((each) => each.mount === mount);
    const server = ({ nfs }: HostStatus) => nfs.server;
    for (const [host, side] of [
      ['web1', client],
      ['nfs', server],
    ] as const) {
      const total = (of: keyof NfsRates): number => watching.total(host, (seen) => side(seen)?.[of]);
      expect([host, 'readOps', share(total('readOps'), did.reads)]).toEqual([host, 'readOps', about]);
      expect([host, 'writeOps', share(total('writeOps'), did.writes)]).toEqual([host, 'writeOps', about]);
      // Attributes are asked for besides, by the checks and by the load itself.
      expect(share(total('iops'), did.reads + did.writes)).toSatisfy((all: number) => all > 0.85 && all < 2);
    }
    // What status tells of a server are its operations alone.
    const bytes = (of: 'readBytes' | 'writeBytes'): number => watching.total('web1', (seen) => client(seen)?.[of]);
    expect(share(bytes('readBytes'), did.reads * 16_384)).toEqual(about);
    expect(share(bytes('writeBytes'), did.writes * 16_384)).toEqual(about);
  });

  it('a frozen server: polling goes on, the mount hangs, the server is the cause; the page waits, sends nothing, and ends well by itself', async () => {
    const before = await orders();
    const watching = watch();
    await watching.untilHosts(['nfs', 'web1'], 2);
    await lab.freeze('nfs');
    const hung = await watching.untilSample('web1', ({ nfs }) => nfs.mounts.some(({ state }) => state === 'hung'));
    expect(hung.reasons.join('; ')).toMatch(/\/mnt\/datadisk hung: \d+ requests? out, none answered/);
    await watching.untilAlert('nfs-hung@static/web1#/mnt/datadisk', ({ cause }) => cause === 'host-timeout@static/nfs');
    await watching.untilAlert('load-failing@static/web1', ({ cause }) => cause !== null);
    expect(watching.longestGapMs('web1')).toBeLessThan(12_000);

    const { status } = await qd.status();
    expect(hostIn(status, 'nfs').reach).toMatch(/^(timeout|unreachable)$/);
    const seen = hostIn(status, 'web1');
    expect([seen.reach, seen.health, seen.reasons.join('; ')]).toEqual([
      'ok',
      'crit',
      expect.stringMatching(/hung: .*threads? in state D/),
    ]);

    const command = run(...serverGone, ...wayBack);
    await qd.untilEvent('outcome to-nfs>reset', 120_000);
    await pause(8000);
    expect(qd.events()).not.toContain('outcome to-nfs>back');
    await lab.thaw('nfs');
    const { stderr, code } = await command.ended;
    expect([stderr, code]).toEqual([expect.stringContaining('It was NFS, not pencils'), 0]);
    expect(stderr).toMatch(/said no check grep -q .* stat -t \/mnt\/datadisk\/\. — exit 124/);
    // Threads of python wait in the kernel, its first one does not.
    expect(stderr).toMatch(/D .*rpc_wait_bit_killable .*python3/);
    expect(await orders()).toEqual(before);
  });

  it('a server without its daemon: the mount hangs because of it, and the page starts it', async () => {
    const watching = watch();
    await watching.untilHosts(['nfs', 'web1'], 2);
    await lab.must('nfs', 'systemctl stop nfs-server', 60_000);
    const hung = await watching.untilSample('web1', ({ nfs }) => nfs.mounts.some(({ state }) => state === 'hung'), 90_000);
    expect(hung.reasons.join('; ')).toMatch(
      /\/mnt\/datadisk hung: (no connection to nfs:\/data|.* out, none answered); \d+ threads? in state D/,
    );
    await watching.untilAlert('nfs-hung@static/web1#/mnt/datadisk', ({ cause }) => cause === 'nfs-server-down@static/nfs');
    const { stderr, code } = await run(...wayBack).ended;
    expect([stderr, code]).toEqual([expect.stringContaining('It was NFS, not pencils'), 0]);
    expect(stderr).toMatch(/ok .*(Start|start).* nfs-server/);
    await watching.untilCleared('nfs-hung@static/web1#/mnt/datadisk');
  });

  it('an export that was taken away: told as refused, and the page exports again what the file names', async () => {
    const watching = watch();
    await watching.untilHosts(['nfs', 'web1'], 2);
    await lab.must('nfs', "exportfs -u '*:/data'");
    const refused = await watching.untilAlert('nfs-refused@static/web1#/mnt/datadisk');
    expect(refused.what).toContain('nfs:/data answers every question about /mnt/datadisk with an error');
    expect(refused.playbooks).toContain('nfs-data-unreachable');
    const { stderr, code } = await run(...wayBack).ended;
    expect([stderr, code]).toEqual([expect.stringContaining('It was NFS, not pencils'), 0]);
    expect(stderr).toContain('Permission denied');
    await watching.untilCleared('nfs-refused@static/web1#/mnt/datadisk');
  });

  it('a server that reboots under a run: the run waits for it, and ends well', async () => {
    const before = await orders();
    // By the time it is thawed it is overdue: it boots before anybody could log in.
    await lab.must('nfs', 'systemd-run --quiet --on-active=3s systemctl reboot --force --force');
    await lab.freeze('nfs');
    await untilStatus(lab, 'web1', 'DOWN', 60_000);
    const command = run(...serverGone, ...wayBack);
    await qd.untilEvent('outcome to-nfs>reset', 120_000);
    await lab.thaw('nfs');
    const { stderr, code } = await command.ended;
    expect([stderr, code]).toEqual([expect.stringContaining('It was NFS, not pencils'), 0]);
    expect(stderr).toMatch(/already service\.start nfs nfs-server — nfs-server already runs on nfs/);
    expect((await orders()).drain).toBe(before.drain);
  });

  it('another file system under the export: the handle is stale, and the page mounts anew, out of the pool', async () => {
    const before = await orders();
    const watching = watch();
    await watching.untilHosts(['nfs', 'web1'], 2);
    const swap =
      'mkdir -p /srv/other && cp -a /data/. /srv/other && systemctl stop nfs-server && umount /data && mount --bind /srv/other /data';
    await lab.must('nfs', `${swap} && systemctl start nfs-server`, 60_000);
    await watching.untilAlert('nfs-refused@static/web1#/mnt/datadisk');
    const { stderr, code } = await run(...wayBack).ended;
    expect([stderr, code]).toEqual([expect.stringContaining('It was NFS, not pencils'), 0]);
    expect(stderr).toContain('Stale file handle');
    const now = await orders();
    expect({ drain: now.drain - before.drain, ready: now.ready - before.ready }).toEqual({ drain: 1, ready: 1 });
    await watching.untilCleared('nfs-refused@static/web1#/mnt/datadisk');
  });
});
