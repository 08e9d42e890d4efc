import type { PoolSpec } from '../../fleet/definition.ts';
import type { HostId } from '../../fleet/host.ts';
import type { PoolMember, PoolState } from '../../fleet/pool.ts';
import { countConnections, readCount } from '../../probe/pools/member-sockets.ts';
import type { DriverContext } from '../driver.ts';
import { readMember } from './fresh-pool.ts';

const questionMs = 8000;

/** One look at a member for a proof: what the balancer says, and what its own sockets say. */
export interface Look {
  readonly pool: PoolState;
  readonly member: PoolMember;
  /** Requests the balancer has counted for it; `null` where it counts none. */
  readonly requests: number | null;
  /** Established connections on the drain's ports by the node's own sockets; `null` without ports, or where it cannot be asked. */
  readonly sockets: number | null;
}

/** Reads both anew; `null` when the pool could not be read. */
export async function look(context: DriverContext, spec: PoolSpec, hostId: HostId): Promise<Look | null> {
  const [read, sockets] = await Promise.all([readMember(context, hostId, spec.name), socketsOn(context, spec, hostId)]);
  return read === null ? null : { ...read, requests: read.member.requests ?? null, sockets };
}

/** Connections under way: as the balancer counts them, else as the node's own sockets say. */
export function connectionsOf(seen: Look): number | null {
  return seen.member.connections ?? seen.sockets;
}

/** Established connections on the pool's drain ports of a host, by its own sockets. */
export async function socketsOn(context: DriverContext, spec: PoolSpec, hostId: HostId): Promise<number | null> {
  if (spec.drain === null) return null;
  const result = await context.read(hostId, countConnections(spec.drain.ports), questionMs);
  return result?.end === 'exit' && result.exit === 0 ? readCount(result.stdout) : null;
}
