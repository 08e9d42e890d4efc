import type { Fleet, PoolSpec } from '../fleet/definition.ts';
import type { HostId } from '../fleet/host.ts';
import { failures } from '../fleet/health.ts';
import type { HostView } from '../fleet/view.ts';
import type { ActionRequest } from './request.ts';

/** Whether users notice while the change runs. */
export function interrupts(request: ActionRequest): boolean {
  return (
    request.action === 'restart' ||
    request.action === 'reboot' ||
    request.action === 'depool' ||
    (request.action === 'drain' && request.mode === 'stop') ||
    (request.action === 'maintenance' && request.mode === 'on')
  );
}

/**
 * Why a pool would fall under its floor while `taking` are being changed, `null` when every floor holds. A member counts only when it is
 * healthy and in on fresh evidence: unknown, stale, disabled and down all count as out.
 */
export function brokenFloor(fleet: Fleet, views: readonly HostView[], taking: readonly HostId[]): string | null {
  for (const pool of fleet.pools) {
    const members = views.filter((view) => view.goneSince === null && view.host.role !== null && pool.memberRoles.includes(view.host.role));
    if (!members.some((view) => taking.includes(view.host.id))) continue;
    const left = members.filter((view) => !taking.includes(view.host.id) && healthyAndIn(view, pool.name)).length;
    const floor = Math.max(1, pool.floor.count, Math.ceil((members.length * pool.floor.ratio) / 100));
    if (left < floor) return `pool ${pool.name} would keep ${left} healthy of ${members.length}, and its floor is ${floor}`;
  }
  return null;
}

/** Pools that have a host of `taking`: which must be read before their floors can be judged. */
export function poolsOfAny(fleet: Fleet, views: readonly HostView[], taking: readonly HostId[]): readonly PoolSpec[] {
  const roles = new Set(views.flatMap((view) => (taking.includes(view.host.id) ? [view.host.role] : [])));
  return fleet.pools.filter((pool) => pool.memberRoles.some((role) => roles.has(role)));
}

/** Members of every pool that has a host of `taking`: who must be asked before its floor can be judged. */
export function poolMembersOf(fleet: Fleet, views: readonly HostView[], taking: readonly HostId[]): readonly HostId[] {
  const members = fleet.pools
    .map((pool) => views.filter((view) => view.goneSince === null && view.host.role !== null && pool.memberRoles.includes(view.host.role)))
    .filter((some) => some.some((view) => taking.includes(view.host.id)));
  return [...new Set(members.flat().map((view) => view.host.id))];
}

/** Whether a member counts: in by the balancer's word, and healthy on fresh evidence. */
export function healthyAndIn(view: HostView, pool: string): boolean {
  const membership = view.pools.find((each) => each.name === pool);
  const { health, reasons } = view.verdict;
  const unsaid = health === 'maintenance' || health === 'stopped' || (reasons.length === 0 && health !== 'ok');
  return (
    view.reach.reach === 'ok' &&
    !unsaid &&
    failures(view.verdict).length === 0 &&
    membership?.state === 'in' &&
    membership.health !== 'down'
  );
}
