import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import { freshHealth, type HealthInput, type HealthStep, type HostEvidence, stepHealth } from '../../src/health/step.ts';
import { checkOf, fleetOf, heard, hostOf, load, mountOf, reachOf, sampleOf, serviceOf, start, version } from './fixture.ts';

const web = hostOf('web1', 'web');

/** Steps through rounds five seconds apart and returns every step. */
function rounds(
  list: readonly ((at: number) => readonly HostEvidence[])[],
  fleet = fleetOf(),
  here?: HealthInput['checksHere'],
): HealthStep[] {
  const steps: HealthStep[] = [];
  let state = freshHealth;
  for (const [index, make] of list.entries()) {
    const now = start + index * 5000;
    const step = stepHealth(state, { fleet, hosts: make(now), checksHere: here ?? [], now });
    state = step.state;
    steps.push(step);
  }
  return steps;
}

const well = (at: number) => [heard(web, sampleOf(at))];
const down = (at: number) => [heard(web, sampleOf(at, { services: [serviceOf({ state: 'failed' })] }))];
const slow = (at: number) => [heard(web, sampleOf(at, { nfsMounts: [mountOf({ rttMs: 48 })] }))];
const lost = (at: number) => [{ ...heard(web, sampleOf(start)), reach: reachOf('refused', at) }];
const ids = (alerts: readonly Alert[] | undefined) => (alerts ?? []).map((alert) => alert.id);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('raising', () => {
  test('one bad result is no alert, two are', () => {
    const [, first, second] = rounds([well, down, down]);
    expect(ids(first?.alerts)).toEqual([]);
    expect(ids(second?.raised)).toEqual(['pencils-down@static/web1']);
    expect(second?.alerts[0]).toMatchObject({
      severity: 'crit',
      since: start + 5000,
      host: 'static/web1',
      hostName: 'web1',
      labels: { host: 'web1', role: 'web', env: 'prod', service: 'pencils' },
    });
  });

  test('the same sample judged many times is one result', () => {
    const steps = rounds(times(4, () => down(start)));
    expect(steps.flatMap((step) => step.raised)).toEqual([]);
  });

  test('a limit must hold its time', () => {
    const steps = rounds(times(8, slow));
    expect(steps.map((step) => step.alerts.length)).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
    expect(steps[6]?.alerts[0]).toMatchObject({
      id: 'nfs-slow@static/web1#/mnt/data',
      what: 'NFS latency 48 ms (limit 20) on /mnt/data',
      labels: { mount: '/mnt/data', server: 'nfs1:/data' },
    });
  });

  test('a good result between starts a soft episode anew', () => {
    const steps = rounds([slow, slow, slow, slow, well, slow, slow, slow, slow]);
    expect(steps.flatMap((step) => step.raised)).toEqual([]);
  });

  test('an alert that gets worse stays the same episode', () => {
    const worse = (at: number) => [heard(web, sampleOf(at, { nfsMounts: [mountOf({ rttMs: 300 })] }))];
    const steps = rounds([...times(7, slow), worse]);
    expect(steps.at(-1)?.raised).toEqual([]);
    expect(steps.at(-1)?.alerts[0]).toMatchObject({ severity: 'crit', since: start });
  });
});

describe('clearing', () => {
  test('two good results end an alert', () => {
    const steps = rounds([down, down, well, well]);
    expect(steps.map((step) => step.alerts.length)).toEqual([0, 1, 1, 0]);
    expect(ids(steps[3]?.cleared)).toEqual(['pencils-down@static/web1']);
  });

  test('good and bad by turns is one episode', () => {
    const steps = rounds([down, down, well, down, well, down]);
    expect(steps.flatMap((step) => step.raised)).toHaveLength(1);
    expect(steps.flatMap((step) => step.cleared)).toEqual([]);
    expect(steps.at(-1)?.alerts[0]?.since).toBe(start);
  });

  test('a host that is lost keeps its alerts, marked as not confirmed', () => {
    const steps = rounds([down, down, lost, lost, lost]);
    const kept = steps.at(-1)?.alerts.find((alert) => alert.name === 'pencils-down');
    expect(kept).toMatchObject({ severity: 'crit', since: start });
    expect(kept?.what).toBe('pencils failed (not confirmed for 10s)');
    expect(steps.flatMap((step) => step.cleared)).toEqual([]);
  });

  test('a state that can no longer be read ends nothing and raises no second alert', () => {
    const unread = (at: number) => [heard(web, sampleOf(at, { services: [serviceOf({ state: 'unknown' })] }))];
    const steps = rounds([down, down, ...times(20, unread)]);
    expect(ids(steps.at(-1)?.alerts)).toEqual(['pencils-down@static/web1']);
    expect(steps.at(-1)?.alerts[0]?.severity).toBe('crit');
  });

  test('a part that is missing from the sample ends no alert of that part', () => {
    const gap = (at: number) => [heard(web, sampleOf(at, { nfsMounts: null }))];
    const steps = rounds([...times(7, slow), ...times(5, gap)]);
    expect(ids(steps.at(-1)?.alerts)).toEqual(['nfs-slow@static/web1#/mnt/data']);
    expect(steps.at(-1)?.alerts[0]?.what).toContain('not confirmed for 20s');
  });

  test('one good answer of a slow check does not end its alert twice over', () => {
    const fleet = fleetOf({ checks: [load] });
    const answered = (good: boolean, checkAt: number) => (at: number) => [
      heard(web, sampleOf(at), [checkOf(checkAt, good ? {} : { ok: false, health: 'crit', detail: 'status 502' })]),
    ];
    const steps = rounds(
      [
        answered(false, start - 1),
        answered(false, start + 1),
        answered(true, start + 2),
        answered(true, start + 2),
        answered(true, start + 3),
      ],
      fleet,
    );
    expect(steps.map((step) => step.alerts.length)).toEqual([0, 1, 1, 1, 0]);
  });

  test('a machine that was stopped on purpose clears its alerts', () => {
    const stopped = () => [
      { host: hostOf('web1', 'web', { cloudState: 'stopped' }), reach: reachOf('timeout', start), sample: null, checks: [] },
    ];
    const steps = rounds([down, down, stopped, stopped, stopped]);
    expect(steps.at(-1)?.alerts).toEqual([]);
  });
});

describe('what the cloud says', () => {
  const inCloud = (cloudState: 'running' | 'stopped' | 'stopping') => hostOf('web1', 'web', { cloudState, provider: 'azure' });

  test('a stopped or stopping machine that is not heard raises nothing, however long', () => {
    for (const state of ['stopped', 'stopping'] as const) {
      const silent = () => [{ host: inCloud(state), reach: reachOf('unknown', start), sample: null, checks: [] }];
      expect(rounds(times(20, silent)).flatMap((step) => step.raised)).toEqual([]);
    }
  });

  test('a refused host that runs, as its cloud says, is one alert that names both states', () => {
    const steps = rounds(times(3, (at) => [{ host: inCloud('running'), reach: reachOf('refused', at), sample: null, checks: [] }]));
    expect(steps.at(-1)?.alerts.map((alert) => alert.what)).toEqual(['web1 refuses SSH connections (port closed) (Azure says RUNNING)']);
  });

  test('a host that goes on answering while its cloud says it is stopped is an alert about the inventory', () => {
    const steps = rounds(times(5, (at) => [heard(inCloud('stopped'), sampleOf(at))]));
    expect(steps.map((step) => step.alerts.length)).toEqual([0, 0, 0, 1, 1]);
    expect(steps.at(-1)?.alerts[0]).toMatchObject({ id: 'cloud-stale@static/web1', severity: 'warn' });
  });

  test('the last answer before a machine was stopped is no such alert', () => {
    const steps = rounds(times(8, () => [heard(inCloud('stopped'), sampleOf(start))]));
    expect(steps.flatMap((step) => step.raised)).toEqual([]);
    expect(steps.at(-1)?.alerts).toEqual([]);
  });
});

describe('silence', () => {
  test('a refused host is an alert after two polls, however often it is looked at', () => {
    let state = freshHealth;
    const raised: number[] = [];
    for (let now = start; now <= start + 12_000; now += 250) {
      const hosts = [{ host: web, reach: reachOf('refused', start), sample: null, checks: [] }];
      const step = stepHealth(state, { fleet: fleetOf(), hosts, checksHere: [], now });
      state = step.state;
      if (step.raised.length > 0) raised.push(now - start);
    }
    expect(raised).toEqual([5000]);
  });

  test('another way of being silent takes over and keeps the beginning', () => {
    const gone = (at: number) => [{ ...heard(web, sampleOf(start)), reach: reachOf('timeout', at) }];
    const steps = rounds([well, lost, lost, lost, gone, gone, gone]);
    expect(ids(steps[3]?.alerts)).toEqual(['host-refused@static/web1']);
    expect(ids(steps.at(-1)?.alerts)).toEqual(['host-timeout@static/web1']);
    expect(steps.at(-1)?.alerts[0]?.since).toBe(start + 5000);
    for (const step of steps.slice(3)) expect(step.alerts).toHaveLength(1);
  });
});

describe('over the fleet', () => {
  test('versions that differ over a role are told with their hosts', () => {
    const fleet = fleetOf({ services: [], checks: [version] });
    const says = (name: string, text: string, at: number) =>
      heard(hostOf(name, 'web'), sampleOf(at), [checkOf(at, { name: 'version', kind: 'version', text })]);
    const skewed = (at: number) => [says('web1', 'r1', at), says('web2', 'r1', at), says('web4', 'r2', at)];
    const steps = rounds(times(26, skewed), fleet);
    expect(steps.at(-1)?.alerts).toMatchObject([
      {
        id: 'version-skew@web#version',
        what: 'version differs over web: r1 on web1 web2, r2 on web4',
        host: null,
        labels: { role: 'web' },
      },
    ]);
  });

  test("a check of the console's own raises an alert without a host", () => {
    const fleet = fleetOf({ checks: [{ ...load, from: 'here', on: [] }] });
    let state = freshHealth;
    for (const now of [start, start + 5000]) {
      const checksHere = [checkOf(now, { ok: false, health: 'crit', detail: 'status 502' })];
      state = stepHealth(state, { fleet, hosts: [], checksHere, now }).state;
    }
    expect(state.alerts.alerts).toMatchObject([{ id: 'load-failing@here', host: null, labels: { check: 'load' } }]);
  });
});
