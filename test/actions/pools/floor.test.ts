import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DriverContext } from '../../../src/actions/driver.ts';
import { depool } from '../../../src/actions/pools/depool.ts';
import type { RequestOf } from '../../../src/actions/driver.ts';
import type { PoolSpec } from '../../../src/fleet/definition.ts';
import { hostIdOf, type Model, type ModelMember, serves, worldOf } from './model-world.ts';

const well: ModelMember = { state: 'in', health: 'up', verdict: 'ok', reach: 'ok', ageMs: 0 };

function specOf(floor: PoolSpec['floor']): PoolSpec {
  return {
    name: 'web',
    kind: 'haproxy',
    memberRoles: ['web'],
    floor,
    drain: { ports: [80], atMost: 0, timeoutMs: 1000 },
    remindMs: null,
    options: { on: 'lb', socket: '/run/haproxy/admin.sock', backend: 'web' },
  };
}

function modelOf(members: ModelMember[], floor = { count: 1, ratio: 50 }): Model {
  return { spec: specOf(floor), members, error: null, alerts: [], debts: [] };
}

async function draftOf(model: Model, index: number, mode: 'drain' | 'force' = 'drain') {
  const world = worldOf(model);
  const context: DriverContext = { world, fleet: world.fleet, read: async () => null };
  const view = world.view(hostIdOf(index));
  if (view === null) throw new Error('There is such a host.');
  const request: RequestOf<'depool'> = { action: 'depool', hostId: hostIdOf(index), pool: 'web', mode };
  return depool.draft(context, view, request);
}

async function refusalOf(model: Model, index: number): Promise<string> {
  const drafted = await draftOf(model, index);
  return drafted.ok ? 'drafted' : `${drafted.refusal.guard}: ${drafted.refusal.message}`;
}

const memberArbitrary: fc.Arbitrary<ModelMember> = fc.record({
  state: fc.oneof({ weight: 5, arbitrary: fc.constant('in' as const) }, fc.constantFrom('draining', 'out', 'unknown')),
  health: fc.oneof({ weight: 4, arbitrary: fc.constant('up' as const) }, fc.constantFrom('down', 'unknown')),
  verdict: fc.oneof(
    { weight: 4, arbitrary: fc.constant('ok' as const) },
    fc.constantFrom('warn', 'busy', 'crit', 'unknown', 'maintenance', 'stopped'),
  ),
  reach: fc.oneof({ weight: 5, arbitrary: fc.constant('ok' as const) }, fc.constant('timeout' as const)),
  ageMs: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constant(60_000)),
});

const stepArbitrary = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('depool' as const), index: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('becomes' as const), index: fc.nat(5), member: memberArbitrary }) },
  fc.record({ what: fc.constant('unreadable' as const), unreadable: fc.boolean() }),
);

describe('the floor of a pool', () => {
  test('whatever happens to the members, no depool is let through that leaves fewer than the floor in and healthy, or none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(memberArbitrary, { minLength: 1, maxLength: 6 }),
        fc.record({ count: fc.nat(3), ratio: fc.constantFrom(0, 34, 50, 67, 100) }),
        fc.array(stepArbitrary, { maxLength: 12 }),
        async (members, floor, steps) => {
          const model = modelOf(members, floor);
          const least = Math.max(1, floor.count, Math.ceil((members.length * floor.ratio) / 100));
          for (const step of steps) {
            if (step.what === 'unreadable') model.error = step.unreadable ? 'lb1 did not answer in time' : null;
            else if (step.what === 'becomes') model.members[step.index % members.length] = step.member;
            else {
              const index = step.index % members.length;
              const member = model.members[index];
              const drafted = await draftOf(model, index);
              if (!drafted.ok || member === undefined) continue;
              expect(model.error).toBeNull();
              expect(['in', 'draining']).toContain(member.state);
              if (member.state !== 'in') continue;
              member.state = 'out';
              expect(model.members.filter(serves).length).toBeGreaterThanOrEqual(least);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('and one that leaves enough is let through: the guard does not refuse everything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(memberArbitrary, { minLength: 2, maxLength: 6 }), fc.nat(5), async (members, at) => {
        const model = modelOf(members);
        const index = at % members.length;
        const others = members.filter((_, place) => place !== index).filter(serves).length;
        fc.pre(members[index]?.state === 'in' && others >= Math.ceil(members.length / 2));
        expect((await draftOf(model, index)).ok).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('a member that is ill already takes nothing with it; one that is unknown is not acted upon', async () => {
    expect(await refusalOf(modelOf([{ ...well, verdict: 'crit' }, { ...well }]), 0)).toBe('drafted');
    expect(await refusalOf(modelOf([{ ...well, reach: 'timeout' }, { ...well }]), 0)).toBe('drafted');
    expect(await refusalOf(modelOf([{ ...well, state: 'unknown' }, { ...well }]), 0)).toBe(
      'floor: whether web1 is in pool web is not known: nothing is changed on what is not known',
    );
    const unread = { ...modelOf([{ ...well }, { ...well }]), error: 'lb1 has no connection now' };
    expect(await refusalOf(unread, 0)).toBe(
      'floor: pool web cannot be read (lb1 has no connection now): nothing is changed on what is not known',
    );
  });

  test('a member that is only busy goes on serving, and counts: one busy second must not keep a sick node in', async () => {
    expect(
      await refusalOf(
        modelOf([
          { ...well, verdict: 'crit' },
          { ...well, verdict: 'busy' },
        ]),
        0,
      ),
    ).toBe('drafted');
    expect(await refusalOf(modelOf([{ ...well }, { ...well, verdict: 'crit' }]), 0)).toContain('floor:');
  });

  test('where all fail together the refusal names what they share, not a count', async () => {
    const ill: ModelMember = { ...well, verdict: 'crit' };
    expect(await refusalOf(modelOf([{ ...ill }, { ...ill }]), 0)).toBe(
      'floor: all members of pool web fail together, and taking web1 out helps nobody. web1, web2 all say: NFS hung on /mnt/data. Mend that first',
    );
    const model = modelOf([{ ...ill }, { ...ill }, { ...ill }]);
    const alert = (id: string, host: string, cause: string | null): Model['alerts'][number] => ({
      id,
      name: 'nfs-hung',
      labels: {},
      severity: 'crit',
      host: `static/${host}`,
      hostName: host,
      what: host === 'nfs1' ? 'NFS server hung' : 'NFS hung on /mnt/data',
      since: Date.UTC(2026, 10, 22, 11, 57, 0),
      cause,
      suppressedBy: cause,
      ackedBy: null,
      playbooks: [],
    });
    model.alerts = [alert('root', 'nfs1', null), ...['web1', 'web2', 'web3'].map((name) => alert(name, name, 'root'))];
    expect(await refusalOf(model, 1)).toBe(
      'floor: all members of pool web fail together, and taking web2 out helps nobody. ' +
        'nfs1: NFS server hung for 3m. Explains 3 alerts on web1 web2 web3. Mend that first',
    );
  });

  test('the card shows every member, what the pool looks like after, and locks the pool where its balancer is', async () => {
    const drafted = await draftOf(modelOf([{ ...well }, { ...well }, { ...well, state: 'draining' }], { count: 1, ratio: 33 }), 0);
    if (!drafted.ok) throw new Error(drafted.refusal.message);
    const { draft } = drafted;
    expect(draft.now.map(({ text }) => text)).toEqual([
      'web1: in, up, 0 connections',
      'web2: in, up, 0 connections',
      'web3: draining, up, 0 connections; does not count: draining',
      'pool web: 2 of 3 in and healthy, 1 without web1, floor 1',
    ]);
    expect(draft.locks).toEqual([{ hostId: 'static/lb1', hostName: 'lb1', lock: 'pool-web', needed: true }]);
  });
});
