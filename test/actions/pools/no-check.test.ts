import { describe, expect, test } from 'vitest';
import { floorOf, standings } from '../../../src/actions/pools/standing.ts';
import type { PoolMember } from '../../../src/fleet/pool.ts';
import { hostIdOf, type ModelMember, worldOf } from './model-world.ts';

const well: ModelMember = { state: 'in', health: 'unknown', verdict: 'ok', reach: 'ok', ageMs: 0 };

const spec = {
  name: 'web',
  kind: 'haproxy',
  memberRoles: ['web'],
  floor: { count: 1, ratio: 50 },
  drain: null,
  remindMs: null,
  options: { on: 'lb', socket: '/run/haproxy/admin.sock', backend: 'web' },
} as const;

function counted(text: string): number {
  const world = worldOf({ spec, members: [well, well], error: null, alerts: [], debts: [] });
  const pool = world.pool('web');
  if (pool === null) throw new Error('There is such a pool.');
  const members: PoolMember[] = pool.members.map((member) => ({ ...member, health: 'unknown', text }));
  return floorOf(spec, standings(spec, { ...pool, members }, world.views(), 15_000, world.clock.wallMs()), [hostIdOf(0)]).after;
}

describe('a HAProxy server whose health is unknown', () => {
  test('counts on its own evidence when HAProxy was told not to check it', () => {
    expect(counted('no check')).toBe(1);
  });

  test('counts as out when HAProxy checks it and does not say', () => {
    expect(counted('UP')).toBe(0);
  });
});
