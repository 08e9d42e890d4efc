import type { Standing } from '../src/actions/pools/standing.ts';
import type { Debt } from '../src/fleet/debt.ts';
import type { PoolSpec } from '../src/fleet/definition.ts';
import type { Health } from '../src/fleet/health.ts';
import type { PoolMember } from '../src/fleet/pool.ts';
import type { PoolView } from '../src/fleet/view.ts';
import { reminderWords } from './debt-words.ts';
import { age, count, plural, shortTime } from './format.ts';
import { floorNow } from './pool-figures.ts';

/** `in`, `draining 8`, `out`, `unknown` */
export function membershipWord({ state, connections }: Pick<PoolView, 'state' | 'connections'>): string {
  return state === 'draining' && connections !== null ? `draining ${count(connections)}` : state;
}

/** How a membership is coloured and signed. A host that we took out is as meant; one that nobody signed for is not. */
export function membershipHealth({ state, health }: Pick<PoolView, 'state' | 'health'>, signed: boolean): Health {
  switch (state) {
    case 'in':
      return health === 'down' ? 'crit' : 'ok';
    case 'draining':
      return 'warn';
    case 'out':
      return signed ? 'maintenance' : 'warn';
    case 'unknown':
      return 'unknown';
  }
}

/** `3 of 4 serve, floor 2: 1 more may go out` */
export function poolSummary(spec: PoolSpec, all: readonly Standing[]): { readonly text: string; readonly health: Health } {
  const { before, total, floor } = floorNow(spec, all);
  const spare = before - floor;
  const start = `${before} of ${total} serve, floor ${floor}`;
  if (spare > 0) return { text: `${start}: ${count(spare)} more may go out`, health: 'ok' };
  if (spare === 0) return { text: `${start}: none may go out`, health: 'warn' };
  return { text: `${start}: ${plural(-spare, 'member')} too few`, health: 'crit' };
}

/** Why a member is not in and who has to put it back, a sentence each; empty for one that is in and owed by nobody. */
export function absenceWords(member: PoolMember, debt: Debt | null, now: number): string[] {
  const { state, takenOutBy } = member;
  const owed = debt === null ? [] : [`owed by ${debt.who}, ${reminderWords(debt, now)}`];
  if (state === 'in' || state === 'unknown') return owed;
  if (takenOutBy !== null) {
    const { at, who, reason } = takenOutBy;
    const why = reason === null ? '' : `: ${reason}`;
    return [`${state} since ${shortTime(at, now)} (${age(now - at)}) by ${who}${why}`, ...owed];
  }
  return debt === null ? ['not by us: nobody signed for it here'] : owed;
}
