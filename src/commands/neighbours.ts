import type { Fleet } from '../fleet/definition.ts';
import { dependenciesOf } from '../fleet/depends.ts';
import type { Host } from '../fleet/host.ts';

/**
 * Whether a host must be asked as well when `target` is changed: pool floors are judged on the members beside it, dependencies on what it
 * depends on, and a pool is read on its balancers.
 */
export function isNeighbour(fleet: Fleet, host: Host, target: Host): boolean {
  const { role } = target;
  if (role === null || host.role === null) return false;
  const pools = fleet.pools.filter((pool) => pool.memberRoles.includes(role));
  if (pools.some((pool) => pool.options['on'] === host.role)) return true;
  if (host.env !== target.env) return false;
  return pools.some((pool) => pool.memberRoles.includes(host.role ?? '')) || dependenciesOf(fleet, role).includes(host.role);
}
