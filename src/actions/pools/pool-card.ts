import type { Plan } from '../plan.ts';
import { projectedCpu } from '../pool-effect.ts';
import type { FreshPool } from './fresh-pool.ts';
import { floorOf, type Standing, standingHealth } from './standing.ts';

/** The whole set as it was just read, a line a member, and what of the pool stands before and after. */
export function poolNow({ target, standings }: FreshPool): Plan['now'] {
  const { spec, member, view } = target;
  const count = floorOf(spec, standings, [member.hostId]);
  const serving = standings.filter((each) => each.why === null);
  const rest = serving.filter((each) => each.hostId !== member.hostId);
  const cpu = rest.length === 0 ? null : projectedCpu(viewsOf(serving), viewsOf(rest));
  const room = cpu === null ? '' : `; the rest at about ${Math.round(cpu)} % CPU`;
  const summary =
    `pool ${spec.name}: ${count.before} of ${count.total} in and healthy, ${count.after} without ${view.host.name}, ` +
    `floor ${count.floor}${room}`;
  return [
    ...standings.map((each) => ({ text: memberWords(each), health: standingHealth(each) })),
    { text: summary, health: count.after < count.floor ? ('crit' as const) : ('ok' as const) },
  ];
}

function memberWords({ name, member, why }: Standing): string {
  const health = member.health === 'unknown' ? '' : `, ${member.health}`;
  const connections = member.connections === null ? '' : `, ${member.connections} connections`;
  const said = member.text === null ? '' : ` (${member.text})`;
  return `${name}: ${member.state}${health}${said}${connections}${why === null ? '' : `; does not count: ${why}`}`;
}

function viewsOf(list: readonly Standing[]): Parameters<typeof projectedCpu>[0] {
  return list.flatMap(({ view }) => view ?? []);
}
