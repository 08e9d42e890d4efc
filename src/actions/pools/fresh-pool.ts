import type { PoolSpec } from '../../fleet/definition.ts';
import type { PoolMember, PoolState } from '../../fleet/pool.ts';
import type { HostView } from '../../fleet/view.ts';
import { refusal, type DraftResult, type DriverContext } from '../driver.ts';
import type { PoolTarget } from './pool-kind.ts';
import { type Standing, standings } from './standing.ts';

/** A pool read just now, with a fresh round of every member. */
export interface FreshPool {
  readonly target: PoolTarget;
  readonly standings: readonly Standing[];
}

export type FreshPoolResult = { readonly ok: true; readonly fresh: FreshPool } | Extract<DraftResult, { ok: false }>;

/** Asks the balancer and every member, all at once. Refused where the target's own state cannot be told: unknown is never acted upon. */
export async function readFresh(context: DriverContext, view: HostView, poolName: string): Promise<FreshPoolResult> {
  const { world, fleet } = context;
  const spec = specOf(context, view, poolName);
  if (typeof spec === 'string') return refusal('unknown-target', spec);
  const members = world.views().filter((each) => each.host.role !== null && spec.memberRoles.includes(each.host.role));
  const [pool] = await Promise.all([world.freshPool(spec.name), ...members.map((each) => world.freshRound(each.host.id))]);
  if (pool === null || pool.error !== null)
    return refusal('floor', `pool ${spec.name} cannot be read (${pool?.error ?? 'no answer'}): nothing is changed on what is not known`);
  const now = world.view(view.host.id) ?? view;
  const member = pool.members.find((each) => each.hostId === view.host.id);
  if (member === undefined || member.state === 'unknown') return refusal('floor', unknownWords(now, pool, member ?? null));
  return {
    ok: true,
    fresh: {
      target: { spec, pool, member, view: now },
      standings: standings(spec, pool, world.views(), fleet.poll.staleMs, world.clock.wallMs()),
    },
  };
}

/** The member as it is read after this call; `null` when the balancer cannot be asked. */
export async function readMember(
  context: DriverContext,
  hostId: string,
  poolName: string,
): Promise<{ readonly pool: PoolState; readonly member: PoolMember } | null> {
  const pool = await context.world.freshPool(poolName);
  const member = pool?.members.find((each) => each.hostId === hostId);
  return pool === null || pool.error !== null || member === undefined ? null : { pool, member };
}

function specOf(context: DriverContext, view: HostView, poolName: string): PoolSpec | string {
  const { host } = view;
  const own = context.fleet.pools.filter((each) => host.role !== null && each.memberRoles.includes(host.role));
  const spec = own.find((each) => each.name === poolName);
  if (spec !== undefined) return spec;
  const known = own.length === 0 ? 'it belongs to no pool of the fleet file' : `it belongs to ${own.map((each) => each.name).join(', ')}`;
  return `${host.name} is no member of a pool ${JSON.stringify(poolName)}: ${known}`;
}

function unknownWords(view: HostView, pool: PoolState, member: PoolMember | null): string {
  const said = member === null || member.text === null ? '' : ` (${member.text})`;
  return `whether ${view.host.name} is in pool ${pool.name} is not known${said}: nothing is changed on what is not known`;
}

/** Whether a pool is asked in a cloud, where readings are slow and counted. */
export function inCloud(spec: PoolSpec): boolean {
  return spec.kind.startsWith('gce-') || spec.kind.startsWith('azure-');
}
