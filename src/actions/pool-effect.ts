import type { Fleet } from '../fleet/definition.ts';
import type { HostView } from '../fleet/view.ts';
import type { Plan } from './plan.ts';
import { healthyAndIn } from './pool-floor.ts';

/** CPU above which the rest of a pool is called short of room, per cent. */
const crowdedPct = 80;

/** Each pool of a host before and while the host is out, with the CPU the rest would run at if the load spread evenly over them. */
export function poolEffect(fleet: Fleet, views: readonly HostView[], view: HostView): Plan['now'] {
  return fleet.pools
    .filter((pool) => view.host.role !== null && pool.memberRoles.includes(view.host.role))
    .map((pool) => {
      const members = views.filter(
        (each) => each.goneSince === null && each.host.role !== null && pool.memberRoles.includes(each.host.role),
      );
      const unread = members.every((each) => (each.pools.find((one) => one.name === pool.name)?.state ?? 'unknown') === 'unknown');
      if (unread)
        return {
          text: `pool ${pool.name} could not be read: nobody can say who serves while ${view.host.name} is down`,
          health: 'unknown' as const,
        };
      const serving = members.filter((each) => healthyAndIn(each, pool.name));
      const rest = serving.filter((each) => each.host.id !== view.host.id);
      const before = `pool ${pool.name}: ${serving.length} of ${members.length} healthy`;
      if (rest.length === 0) return { text: `${before}, none left while ${view.host.name} is down`, health: 'crit' as const };
      const cpu = projectedCpu(serving, rest);
      const room = cpu === null ? '' : `, the rest at about ${Math.round(cpu)} % CPU`;
      return {
        text: `${before}, ${rest.length} while ${view.host.name} is down${room}`,
        health: cpu !== null && cpu > crowdedPct ? ('warn' as const) : ('ok' as const),
      };
    });
}

/** CPU that the rest would run at if the load of all who serve spread evenly over them, per cent; `null` where it was not measured. */
export function projectedCpu(serving: readonly HostView[], rest: readonly HostView[]): number | null {
  // The newest round of a host just asked twice is too short for a rate: the one before it tells.
  const used = serving.map((each) => each.series.cpuPct.tail(5).findLast((value) => value !== null) ?? null);
  if (used.some((value) => value === null)) return null;
  return used.reduce<number>((sum, value) => sum + (value ?? 0), 0) / rest.length;
}
