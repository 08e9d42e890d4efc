import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/fleet/alert.ts';
import type { Debt } from '../../src/fleet/debt.ts';
import type { PoolSpec } from '../../src/fleet/definition.ts';
import { type Membership, type PoolState, unknownMember } from '../../src/fleet/pool.ts';
import { freshHealth, type HealthState, stepHealth } from '../../src/health/step.ts';
import { fleetOf, heard, hostOf, sampleOf, start } from './fixture.ts';

const web: PoolSpec = {
  name: 'web',
  kind: 'haproxy',
  memberRoles: ['web'],
  floor: { count: 1, ratio: 50 },
  drain: null,
  remindMs: 1_800_000,
  options: { on: 'lb' },
};
const fleet = fleetOf({ pools: [web], services: [] });
const hosts = [hostOf('web1', 'web'), hostOf('lb1', 'lb')];

const owed: Debt = {
  id: 'depool-1',
  kind: 'pool',
  hostId: 'static/web1',
  what: 'web1 is out of pool web',
  pool: 'web',
  who: 'ann@deck',
  reason: 'new kernel',
  since: start,
  remindAt: start + 1_800_000,
};

function poolOf(state: Membership, readAt: number, error: string | null = null): PoolState {
  const members = [{ ...unknownMember('static/web1'), state: error === null ? state : ('unknown' as const) }];
  return { name: 'web', kind: 'haproxy', members, readAt, error, warnings: [] };
}

/** Steps every 5 s for a while; `pool` gives what the balancer says at a time. */
function stepping(debts: readonly Debt[], pool: (now: number) => PoolState) {
  let state: HealthState = freshHealth;
  let now = start;
  return (forMs: number, owing: readonly Debt[] = debts): readonly Alert[] => {
    let alerts: readonly Alert[] = [];
    for (const end = now + forMs; now < end; now += 5000) {
      const step = stepHealth(state, {
        fleet,
        hosts: hosts.map((host) => heard(host, sampleOf(now))),
        checksHere: [],
        pools: [pool(now)],
        debts: owing,
        now,
      });
      state = step.state;
      alerts = step.alerts;
    }
    return alerts;
  };
}

describe('what is owed back', () => {
  test('is reminded of when its time has come, and no longer once it is settled', () => {
    const during = stepping([owed], (now) => poolOf('out', now));
    expect(during(1_790_000)).toEqual([]);
    expect(during(60_000)).toMatchObject([
      {
        id: 'owed-back@depool-1',
        severity: 'warn',
        hostName: 'web1',
        what: 'web1 is owed back to pool web since 2026-11-01 14:00Z, by ann@deck: new kernel',
      },
    ]);
    expect(during(5000, [])).toEqual([]);
  });

  test('and that the balancer says is in was forgotten, once it has said so for half a minute', () => {
    const during = stepping([owed], (now) => poolOf(now < start + 60_000 ? 'out' : 'in', now));
    expect(during(60_000)).toEqual([]);
    expect(during(25_000)).toEqual([]);
    expect(during(30_000)).toMatchObject([
      { id: 'pool-forgot@static/web1#web', severity: 'warn', what: 'lb1 forgot that web1 is out of pool web (reloaded?)' },
    ]);
    expect(during(5000, [])).toEqual([]);
  });

  test('says nothing of a balancer that cannot be read', () => {
    const during = stepping([owed], (now) => poolOf('in', now, 'lb1 has no connection now'));
    expect(during(120_000)).toEqual([]);
  });

  test('a member that is out without a debt is nobody’s alert', () => {
    const during = stepping([], (now) => poolOf('out', now));
    expect(during(120_000)).toEqual([]);
  });
});
