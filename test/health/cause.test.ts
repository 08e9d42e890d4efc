import { describe, expect, test } from 'vitest';
import type { Fleet } from '../../src/fleet/definition.ts';
import { rootLines } from '../../src/health/root-lines.ts';
import { freshHealth, type HealthState, type HealthStep, type HostEvidence, stepHealth } from '../../src/health/step.ts';
import { checkOf, diskOf, fleetOf, heard, hostOf, load, mountOf, reachOf, sampleOf, serviceOf, start } from './fixture.ts';

const webs = ['web1', 'web2', 'web4'].map((name) => hostOf(name, 'web'));
const nfs = hostOf('nfs1', 'nfs', { address: '10.0.0.9' });
const sdb = { name: 'sdb', readBytes: 0, writeBytes: 0, utilPct: 99, awaitMs: 40 };
const data = diskOf({ mount: '/data', device: '/dev/sdb1' });

function run(
  list: readonly ((at: number) => readonly HostEvidence[])[],
  fleet: Fleet = fleetOf(),
  from: HealthState = freshHealth,
  offset = 0,
): HealthStep[] {
  const steps: HealthStep[] = [];
  let state = from;
  for (const [index, make] of list.entries()) {
    const now = start + (index + offset) * 5000;
    const step = stepHealth(state, { fleet, hosts: make(now), checksHere: [], now });
    state = step.state;
    steps.push(step);
  }
  return steps;
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const server = (at: number, iops = 100) =>
  heard(nfs, sampleOf(at, { disks: [data], io: { iops, utilPct: 50, devices: [{ ...sdb, iops }] } }));
const client = (host: (typeof webs)[number], at: number, mount: Parameters<typeof mountOf>[0]) =>
  heard(host, sampleOf(at, { nfsMounts: [mountOf(mount)] }));
const slow = { server: '10.0.0.9:/data', rttMs: 48 };
const hung = { server: 'nfs1.internal:/data', state: 'hung', outstanding: 3, rttMs: null, exeMs: null } as const;
const causes = (step: HealthStep | undefined) => Object.fromEntries((step?.alerts ?? []).map((alert) => [alert.id, alert.suppressedBy]));

describe('NFS', () => {
  test('slow clients are explained by the server at its ceiling, in one line', () => {
    const all = (at: number) => [server(at, 2911), ...webs.map((host) => client(host, at, slow))];
    const step = run(times(8, all)).at(-1);
    expect(causes(step)).toEqual({
      'nfs-iops@static/nfs1#/data': null,
      'nfs-slow@static/web1#/mnt/data': 'nfs-iops@static/nfs1#/data',
      'nfs-slow@static/web2#/mnt/data': 'nfs-iops@static/nfs1#/data',
      'nfs-slow@static/web4#/mnt/data': 'nfs-iops@static/nfs1#/data',
    });
    expect(rootLines(step?.alerts ?? [], start + 192_000).map((line) => line.text)).toEqual([
      'nfs1: 2 911 disk operations/s on /data, 97 % of the ceiling 3 000 (limit 80) for 3m12s. Explains 3 alerts on web1 web2 web4',
    ]);
  });

  test('an alert that another explains says what joins the two', () => {
    const all = (at: number) => [server(at, 2911), ...webs.map((host) => client(host, at, slow))];
    const step = run(times(8, all)).at(-1);
    expect(step?.alerts.map((alert) => alert.because)).toEqual([
      undefined,
      ...['web1', 'web2', 'web4'].map((name) => `${name} mounts /mnt/data from nfs1`),
    ]);
  });

  test('a server that stops answering takes the blame of all who hang on it', () => {
    const good = (at: number) => [server(at), ...webs.map((host) => client(host, at, {}))];
    const bad = (at: number) => [
      { ...server(start), reach: reachOf('timeout', start + 5000) },
      ...webs.map((host) => client(host, at, hung)),
    ];
    const step = run([good, ...times(6, bad)]).at(-1);
    expect(rootLines(step?.alerts ?? [], start).map((line) => [line.root.id, line.explains.length])).toEqual([
      ['host-timeout@static/nfs1', 3],
    ]);
  });

  test('a server without an alert of its own that all its clients hang on is named', () => {
    const bad = (at: number) => [server(at), ...webs.map((host) => client(host, at, hung))];
    const step = run(times(3, bad)).at(-1);
    expect(rootLines(step?.alerts ?? [], start + 60_000)[0]).toMatchObject({
      root: { id: 'nfs-server-hung@static/nfs1', host: 'static/nfs1', severity: 'crit' },
      text: 'NFS server nfs1 hangs for all its clients: web1 web2 web4 for 1m. Explains 3 alerts on web1 web2 web4',
    });
  });

  test('a server outside the fleet is named as well', () => {
    const bad = (at: number) => webs.map((host) => client(host, at, { ...hung, server: 'filer:/vol1' }));
    expect(causes(run(times(3, bad)).at(-1))['nfs-hung@static/web1#/mnt/data']).toBe('nfs-server-hung@filer');
  });

  test('a server that still answers one client is not named', () => {
    const [first, ...rest] = webs;
    const bad = (at: number) => [
      server(at),
      ...(first === undefined ? [] : [client(first, at, { server: 'nfs1:/data' })]),
      ...rest.map((host) => client(host, at, hung)),
    ];
    expect(Object.keys(causes(run(times(4, bad)).at(-1)))).toEqual(['nfs-hung@static/web2#/mnt/data', 'nfs-hung@static/web4#/mnt/data']);
  });

  test('when the cause ends, a child that stays stands for itself after two polls', () => {
    const bad = (at: number) => [server(at, 2911), ...webs.map((host) => client(host, at, slow))];
    const mended = (at: number) => [server(at), ...webs.map((host) => client(host, at, slow))];
    const steps = run([...times(8, bad), ...times(5, mended)]);
    const suppressed = steps.slice(7).map((step) => step.alerts.filter((alert) => alert.suppressedBy !== null).length);
    // two good results end the cause, two polls later its children stand alone
    expect(suppressed).toEqual([3, 3, 3, 3, 0, 0]);
    expect(rootLines(steps[9]?.alerts ?? [], start)).toEqual([]);
    expect(rootLines(steps[11]?.alerts ?? [], start)).toHaveLength(3);
  });
});

describe('on one host', () => {
  const fleet = fleetOf({ checks: [load] });
  const [web] = webs;
  if (web === undefined) throw new Error('the fixture has hosts');
  const failing = (at: number) => checkOf(at, { ok: false, health: 'crit', detail: 'status 502' });

  test('a service that is down explains the check that proves it', () => {
    const bad = (at: number) => [heard(web, sampleOf(at, { services: [serviceOf({ state: 'failed' })] }), [failing(at)])];
    expect(causes(run(times(3, bad), fleet).at(-1))).toEqual({
      'pencils-down@static/web1': null,
      'load-failing@static/web1': 'pencils-down@static/web1',
    });
  });

  test('a hung mount explains the failing check, through to the server', () => {
    const bad = (at: number) => [
      { ...server(start), reach: reachOf('timeout', start) },
      heard(web, sampleOf(at, { nfsMounts: [mountOf(hung)] }), [failing(at)]),
    ];
    const step = run(times(3, bad), fleet).at(-1);
    const check = step?.alerts.find((alert) => alert.name === 'load-failing');
    expect(check).toMatchObject({ cause: 'nfs-hung@static/web1#/mnt/data', suppressedBy: 'host-timeout@static/nfs1' });
  });

  test('a full disk explains a dead service only when it is crit', () => {
    const bad = (usedPct: number) => (at: number) => [
      heard(web, sampleOf(at, { disks: [diskOf({ usedPct })], services: [serviceOf({ state: 'failed' })] }), [checkOf(at)]),
    ];
    expect(causes(run(times(3, bad(97)), fleet).at(-1))['pencils-down@static/web1']).toBe('disk-full@static/web1#/');
    expect(causes(run(times(3, bad(88)), fleet).at(-1))['pencils-down@static/web1']).toBe(null);
  });
});

describe('by dependency', () => {
  const bad = (env: string) => (at: number) => [
    { ...server(start), host: { ...nfs, env }, reach: reachOf('timeout', start) },
    ...webs.map((host) => heard(host, sampleOf(at, { services: [serviceOf({ state: 'failed' })] }))),
  ];

  test('services of the dependent role are explained by the lost host they depend on', () => {
    expect(Object.values(causes(run(times(3, bad('prod'))).at(-1))).filter((cause) => cause === 'host-timeout@static/nfs1')).toHaveLength(
      3,
    );
  });

  test('a role that depends on nothing keeps its own blame', () => {
    const step = run(times(3, bad('prod')), fleetOf({ depends: new Map() })).at(-1);
    expect(Object.values(causes(step))).toEqual([null, null, null, null]);
  });

  test('a cause that began long after its effect is none', () => {
    const early = (at: number) => [
      server(at),
      ...webs.map((host) => heard(host, sampleOf(at, { services: [serviceOf({ state: 'failed' })] }))),
    ];
    const late = (at: number) => [
      { ...server(start), reach: reachOf('timeout', start + 15 * 5000) },
      ...webs.map((host) => heard(host, sampleOf(at, { services: [serviceOf({ state: 'failed' })] }))),
    ];
    const step = run([...times(15, early), ...times(4, late)]).at(-1);
    expect(Object.values(causes(step))).toEqual([null, null, null, null]);
  });

  test("a full disk of the web host is never another host's fault", () => {
    const full = (at: number) => [
      { ...server(start), reach: reachOf('timeout', start) },
      ...webs.map((host) => heard(host, sampleOf(at, { disks: [diskOf({ usedPct: 97 })] }))),
    ];
    expect(causes(run(times(3, full)).at(-1))['disk-full@static/web1#/']).toBe(null);
  });

  test('roles that depend on each other do not explain each other in a circle', () => {
    const circle = fleetOf({
      depends: new Map([
        ['web', ['nfs']],
        ['nfs', ['web']],
      ]),
    });
    const dead = (at: number) => [
      ...webs.map((host) => ({ ...heard(host, null), reach: reachOf('timeout', at) })),
      { ...server(start), reach: reachOf('no-shell', start) },
    ];
    const alerts = run(times(3, dead), circle).at(-1)?.alerts ?? [];
    expect(alerts.filter((alert) => alert.cause === null)).toHaveLength(1);
  });
});

describe('this machine', () => {
  const all = [nfs, ...webs];
  const well = (at: number) => all.map((host) => heard(host, sampleOf(at, { disks: [data], services: [serviceOf()] })));
  const lost = (at: number) => all.map((host) => ({ ...heard(host, sampleOf(start)), reach: reachOf('timeout', start + 5000), at }));

  test('all hosts lost together is one alert about our own network', () => {
    const steps = run([well, ...times(4, lost)]);
    const lines = rootLines(steps.at(-1)?.alerts ?? [], start + 65_000);
    expect(lines.map((line) => line.text)).toEqual([
      "no host answers (4 lost together): this machine's network? for 1m. Explains 4 alerts on nfs1 web1 web2 web4",
    ]);
    for (const step of steps) expect(step.alerts.filter((alert) => alert.suppressedBy === null).length).toBeLessThanOrEqual(1);
  });

  test('it ends when one host answers, and the others stand alone again', () => {
    const one = (at: number) => [heard(nfs, sampleOf(at, { disks: [data] })), ...lost(at).slice(1)];
    const steps = run([well, ...times(4, lost), ...times(5, one)]);
    expect(steps.at(-1)?.alerts.map((alert) => alert.id)).toEqual([
      'host-timeout@static/web1',
      'host-timeout@static/web2',
      'host-timeout@static/web4',
    ]);
  });

  test('hosts that refuse are there: the network is not blamed', () => {
    const refused = (at: number) => all.map((host) => ({ ...heard(host, sampleOf(start)), reach: reachOf('refused', start + 5000), at }));
    const names = run([well, ...times(4, refused)])
      .at(-1)
      ?.alerts.map((alert) => alert.name);
    expect(new Set(names)).toEqual(new Set(['host-refused']));
  });

  test('hosts lost one by one over a long time are not a lost network', () => {
    const late = (at: number) =>
      all.map((host, index) => ({ ...heard(host, sampleOf(start)), reach: reachOf('timeout', start + index * 600_000), at }));
    const step = run(times(3, late), fleetOf(), freshHealth, 400).at(-1);
    expect(step?.alerts.some((alert) => alert.name === 'network-down')).toBe(false);
  });
});
