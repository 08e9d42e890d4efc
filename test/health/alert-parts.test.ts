import { describe, expect, test } from 'vitest';
import type { Debt } from '../../src/fleet/debt.ts';
import type { Host } from '../../src/fleet/host.ts';
import type { CheckSample, Sample } from '../../src/fleet/sample.ts';
import { type AlertPart, alertParts } from '../../src/health/alert-parts.ts';
import type { AlertInput } from '../../src/health/alerts.ts';
import { emptyMemory } from '../../src/health/judge-input.ts';
import { judgeHost } from '../../src/health/judge-host.ts';
import { judgeSkew } from '../../src/health/skew.ts';
import { checkOf, diskOf, fleetOf, hostOf, load, mountOf, reachOf, sampleOf, serviceOf, start, version } from './fixture.ts';

const web = hostOf('web1', 'web');
const now = start + 60_000;
const here = { ...load, name: 'public', from: 'here', on: [] } as const;
const fleet = fleetOf({ checks: [load, version, here] });

interface Seen {
  readonly sample?: Sample | null;
  readonly checks?: readonly CheckSample[];
  readonly host?: Host;
  readonly since?: number;
  readonly change?: Partial<AlertInput>;
}

/** What is known of a name with one web host, as its own judgement says. */
function partsOf(name: string, seen: Seen = {}, on: string | null = null): readonly AlertPart[] {
  const { sample = sampleOf(now), checks = [], host = web, since = start, change } = seen;
  const reach = reachOf('ok', since);
  const { verdict, notJudged } = judgeHost({ fleet, host, reach, sample, checks, now, memory: emptyMemory });
  const hosts = [{ host, reach, sample, checks, verdict, notJudged }];
  const skew = judgeSkew(fleet, hosts, now);
  return alertParts(name, on, { fleet, hosts, skew, checksHere: [], backups: [], pools: [], debts: [], now, ...change });
}

const states = (parts: readonly AlertPart[]): readonly string[] => parts.map((part) => part.state);

describe('what can raise an alert', () => {
  test('a service, a mount and a disk are seen by a fresh sample alone', () => {
    for (const name of ['pencils-down', 'disk-full', 'nfs-slow', 'host-timeout']) {
      expect([name, states(partsOf(name))]).toEqual([name, ['good']]);
      expect([name, states(partsOf(name, { sample: null }))]).toEqual([name, ['unseen']]);
      expect([name, states(partsOf(name, { sample: sampleOf(start) }))]).toEqual([name, ['unseen']]);
    }
  });

  test('what stands is bad before it has held long enough for an alert', () => {
    expect(partsOf('pencils-down', { sample: sampleOf(now, { services: [serviceOf({ state: 'failed' })] }) })).toMatchObject([
      { state: 'bad', why: expect.stringContaining('pencils failed'), ask: { kind: 'round', hostId: web.id }, at: now },
    ]);
    expect(states(partsOf('nfs-slow', { sample: sampleOf(now, { nfsMounts: [mountOf({ rttMs: 48 })] }) }))).toEqual(['bad']);
    expect(states(partsOf('disk-full', { sample: sampleOf(now, { disks: [diskOf(), diskOf({ mount: '/srv', usedPct: 99 })] }) }))).toEqual([
      'bad',
    ]);
  });

  test('a check that was not asked yet, could not be, or whose answer is old shows nothing', () => {
    const answer = checkOf(now, { name: 'load' });
    expect(partsOf('load-failing', { checks: [answer] })).toMatchObject([{ state: 'good', ask: { kind: 'check', name: 'load' } }]);
    expect(states(partsOf('load-failing', { checks: [{ ...answer, ok: false, health: 'crit' }] }))).toEqual(['bad']);
    expect(states(partsOf('load-failing'))).toEqual(['unseen']);
    expect(states(partsOf('load-failing', { checks: [{ ...answer, ok: null }] }))).toEqual(['unseen']);
    expect(states(partsOf('load-failing', { checks: [{ ...answer, at: start - 600_000 }] }))).toEqual(['unseen']);
    expect(states(partsOf('public-failing'))).toEqual(['unseen']);
    const asked = { change: { checksHere: [{ ...answer, name: 'public' }] } };
    expect(states(partsOf('public-failing', asked))).toEqual(['good']);
    // A check from here is no host's.
    expect(partsOf('public-failing', asked, web.id)).toEqual([]);
  });

  test('what is not measured yet, as a rate after one round, shows nothing', () => {
    const mounts = [mountOf({ rttMs: null, exeMs: null })];
    expect(states(partsOf('nfs-slow', { sample: sampleOf(now, { nfsMounts: mounts }) }))).toEqual(['unseen']);
    expect(states(partsOf('cpu-high', { sample: sampleOf(now, { cpu: null }) }))).toEqual(['unseen']);
  });

  test('an alert that tells of the last minutes needs as many minutes of watching', () => {
    for (const name of ['pencils-restarting', 'oom-kill']) {
      expect([name, states(partsOf(name))]).toEqual([name, ['unseen']]);
      expect([name, states(partsOf(name, { since: now - 601_000 }))]).toEqual([name, ['good']]);
    }
  });

  test('versions agree only where every host of the role has answered', () => {
    expect(states(partsOf('version-skew'))).toEqual(['unseen']);
    const checks = [checkOf(now, { name: 'version', kind: 'version', text: '1' })];
    expect(partsOf('version-skew', { checks })).toMatchObject([{ state: 'good', ask: { kind: 'check', name: 'version' } }]);
  });

  test('what is owed back is known from the journal at once', () => {
    const debt = {
      id: 'a',
      kind: 'step',
      hostId: web.id,
      what: 'x',
      pool: null,
      who: 'ann',
      reason: null,
      since: start,
      saved: {},
    } as const;
    const debts: readonly Debt[] = [{ ...debt, remindAt: now - 1 }];
    expect(states(partsOf('owed-back'))).toEqual(['good']);
    expect(states(partsOf('owed-back', { change: { debts } }))).toEqual(['bad']);
    expect(states(partsOf('network-down'))).toEqual(['good']);
    expect(states(partsOf('network-down', { change: { hosts: [] } }))).toEqual(['unseen']);
  });

  test('a name that nothing raises has no parts, and a stopped machine raises nothing', () => {
    expect(partsOf('nothing-failing')).toEqual([]);
    expect(partsOf('pencils-down', { host: hostOf('nfs1', 'nfs') })).toEqual([]);
    expect(states(partsOf('disk-full', { host: hostOf('web1', 'web', { cloudState: 'stopped' }), sample: sampleOf(start) }))).toEqual([
      'good',
    ]);
  });
});
