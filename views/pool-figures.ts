import { type FloorCount, floorOf, type Standing, standings } from '../src/actions/pools/standing.ts';
import type { Debt } from '../src/fleet/debt.ts';
import type { PoolSpec } from '../src/fleet/definition.ts';
import type { HostId } from '../src/fleet/host.ts';
import type { PoolMember, PoolState } from '../src/fleet/pool.ts';
import type { FleetState, HostView, PoolView } from '../src/fleet/view.ts';

type Members = ReadonlyMap<HostId, ReadonlyMap<string, PoolMember>>;

const known = new WeakMap<readonly PoolState[], Members>();

function membersByHost(pools: readonly PoolState[]): Members {
  const before = known.get(pools);
  if (before !== undefined) return before;
  const made = new Map<HostId, Map<string, PoolMember>>();
  for (const pool of pools)
    for (const member of pool.members) {
      const own = made.get(member.hostId) ?? new Map<string, PoolMember>();
      made.set(member.hostId, own.set(pool.name, member));
    }
  known.set(pools, made);
  return made;
}

/** One host in one pool as the balancer was last read; `null` when it is no member. */
export function memberOf(fleet: Pick<FleetState, 'pools'>, hostId: HostId, pool: string): PoolMember | null {
  return membersByHost(fleet.pools).get(hostId)?.get(pool) ?? null;
}

/** Every pool of a host: those of its role, each as its balancer was last read, and those that the balancer alone knows. */
export function poolsOf(fleet: Pick<FleetState, 'pools'>, view: HostView): readonly PoolView[] {
  const read = membersByHost(fleet.pools).get(view.host.id);
  if (read === undefined) return view.pools;
  const asRead = ([name, { state, health, connections }]: readonly [string, PoolMember]): PoolView => ({
    name,
    state,
    health,
    connections,
  });
  return [...view.pools.filter(({ name }) => !read.has(name)), ...[...read].map(asRead)];
}

/** Every member of a pool as the guard of a depool counts it, by host. */
export function standingsOf(
  { fleet, staleMs, now }: { readonly fleet: FleetState; readonly staleMs: number; readonly now: number },
  spec: PoolSpec,
  pool: PoolState,
): readonly Standing[] {
  const views = pool.members.flatMap((member) => fleet.byId.get(member.hostId) ?? []);
  return standings(spec, pool, views, staleMs, now);
}

/** How far a pool is from its floor, counted as for the member that would be the next to leave. */
export function floorNow(spec: PoolSpec, all: readonly Standing[]): FloorCount {
  const next = all.find((each) => each.why === null) ?? all[0];
  return floorOf(spec, all, next === undefined ? [] : [next.hostId]);
}

/** What is owed for a host out of a pool, as this console's journal knows; `null` when nothing is. */
export function debtOf(fleet: Pick<FleetState, 'debts'>, hostId: HostId, pool: string): Debt | null {
  return fleet.debts.find((debt) => debt.kind === 'pool' && debt.hostId === hostId && debt.pool === pool) ?? null;
}

/** A place of the cursor on the pools screen: a member, or a pool that has none. */
export interface PoolRow {
  readonly key: string;
  readonly pool: PoolState;
  readonly member: PoolMember | null;
}

const natural = new Intl.Collator('en', { numeric: true });

/** Pools in the order of the fleet file, their members by name as people count. */
export function poolRows(fleet: Pick<FleetState, 'pools' | 'byId'>): readonly PoolRow[] {
  const nameOf = (id: HostId): string => fleet.byId.get(id)?.host.name ?? id;
  return fleet.pools.flatMap((pool): PoolRow[] => {
    if (pool.members.length === 0) return [{ key: pool.name, pool, member: null }];
    return pool.members
      .toSorted((a, b) => natural.compare(nameOf(a.hostId), nameOf(b.hostId)))
      .map((member) => ({ key: `${pool.name}\n${member.hostId}`, pool, member }));
  });
}
