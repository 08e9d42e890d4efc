import type { Session } from './session.ts';

/**
 * A stopped console would neither watch nor beat: its alerts would go unheard, its runs would stand in their middle, and after a minute
 * its locks would look left behind.
 */
export function sayNotSuspended(session: Session): void {
  session.note('ctrl-z does not suspend: watch, runs and locks would stand still. Use another terminal, or q to leave.', 'warn');
}
