import { refusal, type DraftResult, type DriverContext } from '../driver.ts';
import type { FreshPool } from './fresh-pool.ts';
import { sharedCause } from './shared-cause.ts';
import { countWords, floorOf, whyNotWell } from './standing.ts';

/**
 * Refuses, and never only warns, where a pool would fall under its floor; with the shared cause where every other member fails together,
 * because then no depool helps. A member that is not in takes nothing with it any more.
 */
export function whyFloorHolds(context: DriverContext, { target, standings }: FreshPool): DraftResult | null {
  const { spec, member, view } = target;
  if (member.state !== 'in') return null;
  const { after, total, floor } = floorOf(spec, standings, [member.hostId]);
  if (after >= floor) return null;
  const { world, fleet } = context;
  const nowMs = world.clock.wallMs();
  const failing = standings.filter((each) => each.member.health === 'down' || whyNotWell(each.view, fleet.poll.staleMs, nowMs) !== null);
  const others = standings.filter((each) => each.hostId !== member.hostId);
  const cause = others.length > 0 && others.every((each) => failing.includes(each)) ? sharedCause(failing, world.alerts(), nowMs) : null;
  if (cause !== null) {
    const who = failing.length === standings.length ? 'all members' : 'all the other members';
    return refusal(
      'floor',
      `${who} of pool ${spec.name} fail together, and taking ${view.host.name} out helps nobody. ${cause}. Mend that first`,
    );
  }
  return refusal(
    'floor',
    `taking ${view.host.name} out would leave pool ${spec.name} with ${after} of ${total} in and healthy, and its floor is ${floor}: ` +
      `${countWords(others)}`,
  );
}
