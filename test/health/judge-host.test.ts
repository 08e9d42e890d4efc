import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/fleet/host.ts';
import type { Sample } from '../../src/fleet/sample.ts';
import { emptyMemory, type HostJudgement, type JudgeInput } from '../../src/health/judge-input.ts';
import { judgeHost } from '../../src/health/judge-host.ts';
import { checkOf, diskOf, fleetOf, hostOf, load, mountOf, reachOf, sampleOf, serviceOf, start } from './fixture.ts';

const web = hostOf('web1', 'web');
const nfs = hostOf('nfs1', 'nfs');

function judge(change: Partial<JudgeInput> = {}): HostJudgement {
  return judgeHost({
    fleet: fleetOf(),
    host: web,
    reach: reachOf('ok', start),
    sample: sampleOf(start),
    checks: [],
    now: start,
    memory: emptyMemory,
    ...change,
  });
}

const names = (judgement: HostJudgement) => judgement.verdict.reasons.map((reason) => reason.name);
const texts = (judgement: HostJudgement) => judgement.verdict.reasons.map((reason) => reason.text);
const judgeSampleOf = (change: Partial<Sample>, host: Host = web) => judge({ host, sample: sampleOf(start, change) });

describe('evidence', () => {
  test('a fresh and healthy sample is ok', () => {
    expect(judge().verdict).toEqual({ health: 'ok', reasons: [] });
  });

  test('a host without a role can be ok', () => {
    expect(judge({ host: hostOf('odd', null) }).verdict.health).toBe('ok');
  });

  test('before the first sample a host is unknown, and that is no alert', () => {
    const judgement = judge({ sample: null, reach: reachOf('connecting', start) });
    expect(judgement.verdict.health).toBe('unknown');
    expect(judgement.verdict.reasons[0]).toMatchObject({ name: 'host-unpolled', text: 'not yet polled', forMs: Number.POSITIVE_INFINITY });
  });

  test('a first sample that never comes is an alert in the end', () => {
    const judgement = judge({ sample: null, reach: reachOf('connecting', start), now: start + 40_000 });
    expect(texts(judgement)).toEqual(['no answer for 40s; never seen']);
  });

  test('a sample older than poll.stale is unknown, with its age and when it was seen', () => {
    const judgement = judge({ now: start + 23_000 });
    expect(judgement.verdict.health).toBe('unknown');
    expect(names(judgement)).toEqual(['host-stale']);
    expect(texts(judgement)).toEqual(['no answer for 23s; last seen 14:00:00Z']);
    expect(judgement.services[0]?.health).toBe('unknown');
  });

  test('each way not to reach a host keeps its own name', () => {
    for (const reach of ['refused', 'timeout', 'unreachable', 'auth', 'host-key', 'throttled', 'no-shell'] as const) {
      const judgement = judge({ reach: reachOf(reach, start) });
      expect(names(judgement)).toEqual([`host-${reach}`]);
      expect(judgement.verdict.health).toBe('unknown');
    }
  });

  test('a new attempt under way does not take back the failure before it', () => {
    const failed = judge({ sample: null, reach: reachOf('refused', start, 'web1 refuses connections on port 22') });
    const again = judge({ sample: null, reach: reachOf('connecting', start + 1000), now: start + 1000, memory: failed.memory });
    expect(texts(again)).toEqual(['web1 refuses connections on port 22']);
    const answered = judge({ reach: reachOf('ok', start + 2000), now: start + 2000, memory: again.memory });
    expect(answered.verdict.health).toBe('ok');
  });

  test('a stopped cloud machine is stopped, not unknown', () => {
    const stopped = hostOf('web1', 'web', { cloudState: 'stopped' });
    expect(judge({ host: stopped, sample: null, reach: reachOf('timeout', start) }).verdict).toEqual({ health: 'stopped', reasons: [] });
    const never = judge({ host: stopped, sample: null, reach: reachOf('unknown', start), now: start + 600_000 });
    expect(never.verdict).toEqual({ health: 'stopped', reasons: [] });
    expect(never.services[0]).toMatchObject({ health: 'stopped', reasons: ['the machine is stopped'] });
  });

  test('a machine that is going down is not missed', () => {
    const stopping = hostOf('web1', 'web', { cloudState: 'stopping' });
    expect(judge({ host: stopping, reach: reachOf('refused', start) }).verdict).toEqual({ health: 'stopped', reasons: [] });
  });

  test('a machine that runs, as its cloud says, and cannot be heard is a finding that names both', () => {
    const running = hostOf('web1', 'web', { cloudState: 'running', provider: 'azure' });
    const refused = judge({ host: running, sample: null, reach: reachOf('refused', start) });
    expect(refused.verdict.health).toBe('unknown');
    expect(names(refused)).toEqual(['host-refused']);
    expect(texts(refused)).toEqual(['web1 refuses SSH connections (port closed) (Azure says RUNNING)']);
    expect(texts(judge({ host: { ...running, provider: 'gce' }, now: start + 23_000 }))).toEqual([
      'no answer for 23s; last seen 14:00:00Z (Google Compute Engine says RUNNING)',
    ]);
  });

  test('a refused login says nothing against the cloud, and before the first answer nothing is said at all', () => {
    const running = hostOf('web1', 'web', { cloudState: 'running', provider: 'azure' });
    expect(texts(judge({ host: running, reach: reachOf('auth', start) }))[0]).not.toContain('RUNNING');
    expect(texts(judge({ host: running, sample: null, reach: reachOf('connecting', start) }))).toEqual(['not yet polled']);
  });

  test('a machine that is still being made is unknown without an alert', () => {
    const young = hostOf('web1', 'web', { cloudState: 'provisioning', provider: 'gce' });
    const judgement = judge({ host: young, sample: null, reach: reachOf('refused', start) });
    expect(judgement.verdict.health).toBe('unknown');
    expect(judgement.verdict.reasons[0]).toMatchObject({ forMs: Number.POSITIVE_INFINITY });
    expect(texts(judgement)[0]).toContain('still starting it');
  });

  test('a machine that answers although its cloud says it is stopped is judged, and the inventory is doubted', () => {
    const stopped = hostOf('web1', 'web', { cloudState: 'stopped', provider: 'azure' });
    const judgement = judge({ host: stopped });
    expect(judgement.verdict.health).toBe('warn');
    expect(names(judgement)).toEqual(['cloud-stale']);
    expect(texts(judgement)[0]).toContain('Azure says STOPPED, but SSH answers (14:00:00Z)');
    expect(judgement.services[0]?.health).toBe('ok');
  });
});

describe('limits', () => {
  test('a limit is entered at warn and left only below leave', () => {
    const cpu = (usedPct: number) => sampleOf(start, { cpu: { ...(sampleOf(start).cpu ?? never()), usedPct } });
    const up = judge({ sample: cpu(86) });
    expect(texts(up)).toEqual(['CPU 86 % (limit 85)']);
    const between = judge({ sample: cpu(82), memory: up.memory });
    expect(texts(between)).toEqual(['CPU 82 % (limit 85, clears below 80)']);
    expect(judge({ sample: cpu(82) }).verdict.health).toBe('ok');
    const down = judge({ sample: cpu(79), memory: between.memory });
    expect(down.verdict.health).toBe('ok');
    expect(judge({ sample: cpu(82), memory: down.memory }).verdict.health).toBe('ok');
  });

  test('crit does not flicker to warn at its edge', () => {
    const cpu = (usedPct: number) => sampleOf(start, { cpu: { ...(sampleOf(start).cpu ?? never()), usedPct } });
    const crit = judge({ sample: cpu(96) });
    expect(crit.verdict.health).toBe('crit');
    const edge = judge({ sample: cpu(93), memory: crit.memory });
    expect(edge.verdict.health).toBe('crit');
    expect(judge({ sample: cpu(89), memory: edge.memory }).verdict.health).toBe('warn');
  });

  test('a gap keeps the level that was held', () => {
    const high = judgeSampleOf({ cpu: { ...(sampleOf(start).cpu ?? never()), usedPct: 86 } });
    const gap = judge({ sample: sampleOf(start, { cpu: null }), memory: high.memory });
    expect(gap.verdict.health).toBe('ok');
    expect(gap.notJudged).toContain('cpu-high');
    expect(gap.memory.levels.get('cpu-high')).toBe('warn');
  });

  test('disks and inodes are judged mount by mount', () => {
    const judgement = judgeSampleOf({
      disks: [diskOf({ usedPct: 97, availableBytes: 3e9 }), diskOf({ mount: '/var', inodesUsedPct: 90 })],
    });
    expect(texts(judgement)).toEqual(['disk / 97 % full (limit 95), 3.00 GB left', 'inodes of /var 90 % used (limit 85)']);
    expect(judgement.verdict.health).toBe('crit');
  });

  test('disks measured long ago are not judged', () => {
    const judgement = judge({ sample: sampleOf(start, { disks: [diskOf({ usedPct: 97 })], disksAt: start - 3_600_000 }) });
    expect(names(judgement)).toEqual([]);
    expect(judgement.notJudged).toEqual(expect.arrayContaining(['disk-full', 'inodes-full']));
  });

  test('memory tells what is left', () => {
    const memory = { ...(sampleOf(start).memory ?? never()), usedPct: 98, availableBytes: 1.6e8 };
    expect(texts(judgeSampleOf({ memory }))).toEqual(['memory 98 % used (limit 97), 160 MB available']);
  });

  test('an OOM kill stays shown for ten minutes and is counted once a sample', () => {
    const killed = judgeSampleOf({ oomKills: 2 });
    expect(names(killed)).toEqual(['oom-kill']);
    const again = judge({ sample: sampleOf(start, { oomKills: 2 }), memory: killed.memory });
    expect(texts(again)).toEqual(['OOM kill: 2 processes killed for memory, last 0s ago']);
    const later = start + 9 * 60_000;
    expect(names(judge({ sample: sampleOf(later), now: later, memory: again.memory }))).toEqual(['oom-kill']);
    const over = start + 10 * 60_000;
    expect(judge({ sample: sampleOf(over), now: over, memory: again.memory }).verdict.health).toBe('ok');
  });
});

describe('NFS', () => {
  test('latency is told with its limit and mount', () => {
    expect(texts(judgeSampleOf({ nfsMounts: [mountOf({ rttMs: 48, exeMs: 48.5 })] }))).toEqual([
      'NFS latency 48 ms (limit 20) on /mnt/data',
    ]);
  });

  test('a wait in the client is not blamed on a quick server', () => {
    expect(texts(judgeSampleOf({ nfsMounts: [mountOf({ rttMs: 3, exeMs: 48 })] }))).toEqual([
      'NFS requests wait 48 ms (limit 20) on /mnt/data, the server answers in 3 ms',
    ]);
  });

  test('a hung mount tells what waits, and a server that takes no connection', () => {
    const quiet = { rttMs: null, exeMs: null } as const;
    expect(texts(judgeSampleOf({ nfsMounts: [mountOf({ state: 'hung', outstanding: 1, ...quiet })], dState: 14 }))).toEqual([
      '/mnt/data hung: 1 request out, none answered; 14 threads in state D',
    ]);
    const refusing = mountOf({ state: 'hung', outstanding: 0, server: 'nfs1:/data', ...quiet });
    expect(texts(judgeSampleOf({ nfsMounts: [refusing], dState: 1 }))).toEqual([
      '/mnt/data hung: no connection to nfs1:/data; 1 thread in state D',
    ]);
  });

  test('a mount whose server answers with errors only is crit, and stays so while nobody asks', () => {
    const refused = judgeSampleOf({ nfsMounts: [mountOf({ state: 'refused', server: 'nfs1:/data' })] });
    expect(refused.verdict.health).toBe('crit');
    expect(texts(refused)).toEqual([
      'nfs1:/data answers every question about /mnt/data with an error: stale file handle, or no longer exported to this host',
    ]);
    const idle = judgeSampleOf({ nfsMounts: [mountOf({ state: 'idle', rttMs: null, exeMs: null })] });
    expect(idle.notJudged).toContain('nfs-refused#/mnt/data');
    expect(judgeSampleOf({ nfsMounts: [mountOf({ state: 'ok' })] }).notJudged).toEqual([]);
  });

  test('a hung mount is crit, and nothing is said of its latency', () => {
    const judgement = judgeSampleOf({ nfsMounts: [mountOf({ state: 'hung', outstanding: 12, rttMs: null, exeMs: null })] });
    expect(texts(judgement)).toEqual(['/mnt/data hung: 12 requests out, none answered']);
    expect(judgement.verdict.health).toBe('crit');
    expect(judgement.notJudged).toContain('nfs-slow#/mnt/data');
  });

  test('an idle mount is well, one of unknown state is not judged', () => {
    const quiet = { rttMs: null, exeMs: null };
    expect(judgeSampleOf({ nfsMounts: [mountOf({ state: 'idle', ...quiet })] }).notJudged).not.toContain('nfs-slow#/mnt/data');
    expect(judgeSampleOf({ nfsMounts: [mountOf({ state: 'unknown', ...quiet })] }).notJudged).toContain('nfs-slow#/mnt/data');
  });

  const device = (iops: number | null) => ({ name: 'sdb', iops, readBytes: 0, writeBytes: 0, utilPct: 90, awaitMs: 3 });
  const data = diskOf({ mount: '/data', device: '/dev/sdb1' });

  test('the ceiling is compared with the block device under the export', () => {
    const judgement = judgeSampleOf({ disks: [data], io: { iops: 5000, utilPct: 90, devices: [device(2911)] } }, nfs);
    expect(texts(judgement)).toEqual(['2 911 disk operations/s on /data, 97 % of the ceiling 3 000 (limit 80)']);
  });

  test('a ceiling that cannot be watched is said, not taken for well', () => {
    const judgement = judgeSampleOf({ disks: [diskOf()] }, nfs);
    expect(judgement.verdict.health).toBe('unknown');
    expect(texts(judgement)).toEqual(['no filesystem is mounted on /data, its IOPS limit cannot be watched']);
  });
});

describe('services and checks', () => {
  const service = (change: Parameters<typeof serviceOf>[0]) => judgeSampleOf({ services: [serviceOf(change)] });

  test('a failed service is told with its exit status and restarts', () => {
    const judgement = service({ state: 'failed', result: 'exit status 3', restarts: 4 });
    expect(texts(judgement)).toEqual(['pencils failed: exit status 3, 4 restarts']);
    expect(names(judgement)).toEqual(['pencils-down']);
    expect(judgement.services[0]).toMatchObject({ health: 'crit', reasons: ['pencils failed: exit status 3, 4 restarts'] });
  });

  test('a running service with a closed port is down', () => {
    expect(texts(service({ listening: false }))).toEqual(['pencils runs but port 8816 is closed']);
  });

  test('a stopped, a missing and an unread service are three things', () => {
    expect(names(service({ state: 'stopped' }))).toEqual(['pencils-down']);
    expect(texts(service({ state: 'missing' }))).toEqual(['pencils: there is no sysv unit pencils']);
    expect(service({ state: 'unknown', detail: 'status timed out' }).verdict).toMatchObject({
      health: 'unknown',
      reasons: [{ name: 'pencils-unknown', text: 'pencils not known: status timed out' }],
    });
  });

  test('a service the sample does not speak of is unknown with the reason of the gap', () => {
    const judgement = judgeSampleOf({ services: [], gaps: [{ part: 'sysv', why: 'the part was cut off by its time box' }] });
    expect(judgement.verdict.health).toBe('unknown');
    expect(texts(judgement)).toEqual(['pencils not known: the part was cut off by its time box']);
  });

  test('three restarts in ten minutes are a loop, told until they are past', () => {
    let memory = emptyMemory;
    let judgement = judge();
    for (let round = 0; round <= 3; round += 1) {
      const at = start + round * 5000;
      judgement = judge({ sample: sampleOf(at, { services: [serviceOf({ restarts: round })] }), now: at, memory });
      memory = judgement.memory;
    }
    expect(texts(judgement)).toEqual(['pencils restart loop: 3 restarts in the last 10m']);
    const later = start + 11 * 60_000;
    const over = judge({ sample: sampleOf(later, { services: [serviceOf({ restarts: 3 })] }), now: later, memory });
    expect(over.verdict.health).toBe('ok');
  });

  test('without a counter a new instance is one restart, and a start by hand is no loop', () => {
    let memory = emptyMemory;
    for (const [round, instance] of ['a', 'b', 'b'].entries()) {
      const at = start + round * 5000;
      const judgement = judge({ sample: sampleOf(at, { services: [serviceOf({ instance })] }), now: at, memory });
      expect(judgement.verdict.health).toBe('ok');
      memory = judgement.memory;
    }
    expect(memory.restarts.get('pencils')?.seenAt).toHaveLength(1);
  });

  const fleet = fleetOf({ checks: [load] });

  test('a check not yet asked, not answered of late, or not askable is unknown', () => {
    expect(texts(judge({ fleet }))).toEqual(['check load not yet asked']);
    expect(texts(judge({ fleet, checks: [checkOf(start - 60_000)] }))).toEqual(['check load not answered for 1m']);
    expect(judge({ fleet, checks: [checkOf(start, { ok: null, health: 'ok', detail: 'curl: not found' })] }).verdict).toMatchObject({
      health: 'unknown',
      reasons: [{ name: 'load-unknown', text: 'check load could not be asked: curl: not found' }],
    });
  });

  test('a failing check says what it got', () => {
    const judgement = judge({ fleet, checks: [checkOf(start, { ok: false, health: 'crit', detail: 'status 502' })] });
    expect(judgement.verdict).toMatchObject({
      health: 'crit',
      reasons: [{ name: 'load-failing', text: 'check load failing: status 502' }],
    });
  });
});

function never(): never {
  throw new Error('the fixture has this part');
}
