import type { Debt } from '../src/fleet/debt.ts';
import type { FleetState } from '../src/fleet/view.ts';
import { age } from './format.ts';
import { clip } from './terminal/width.ts';

/** Whether it is time to remind. */
export function isDue(debt: Debt, now: number): boolean {
  return debt.remindAt !== null && debt.remindAt <= now;
}

/** `reminder in 18m`, `reminder due since 5m`, `no reminder` */
export function reminderWords(debt: Debt, now: number): string {
  if (debt.remindAt === null) return 'no reminder';
  return isDue(debt, now) ? `reminder due since ${age(now - debt.remindAt)}` : `reminder in ${age(debt.remindAt - now)}`;
}

/** Longest clause of a debt in the header. */
const longestClause = 30;

/** What is owed back, in as few words as there is room for. */
export interface Owed {
  /** `owed: web1 out of web 12m +2, due` */
  readonly long: string;
  /** `owed: web1 12m +2, due` */
  readonly middle: string;
  /** `owed 3, due` */
  readonly short: string;
  readonly due: boolean;
}

/** `null` when nothing is owed. */
export function owedWords(fleet: Pick<FleetState, 'debts' | 'byId'>, now: number): Owed | null {
  const [oldest] = fleet.debts;
  if (oldest === undefined) return null;
  const due = fleet.debts.some((debt) => isDue(debt, now));
  const name = oldest.hostId === null ? undefined : fleet.byId.get(oldest.hostId)?.host.name;
  const clause = oldest.kind === 'pool' && oldest.pool !== null && name !== undefined ? `${name} out of ${oldest.pool}` : oldest.what;
  const more = fleet.debts.length === 1 ? '' : ` +${fleet.debts.length - 1}`;
  const word = due ? ', due' : '';
  const rest = `${age(now - oldest.since)}${more}${word}`;
  return {
    long: `owed: ${clip(clause, longestClause)} ${rest}`,
    middle: `owed: ${clip(name ?? oldest.what, 12)} ${rest}`,
    short: `owed ${fleet.debts.length}${word}`,
    due,
  };
}
