import type { Entry } from '../entry.ts';
import { endingTimes, readIncidentEvent } from '../incident/event.ts';

/**
 * Numbers of the entries whose time of an incident was told again later: a reader needs the one that holds. An incident that was opened
 * again ends again; its first end is no slip of the pen. Entries are of the journal, in its order.
 */
export function correctedTimes(entries: readonly Entry[]): ReadonlySet<number> {
  const corrected = new Set<number>();
  const standing = new Map<string, number>();
  for (const entry of entries) {
    const recorded = readIncidentEvent(entry);
    if (recorded === null) continue;
    const { event, key, seq } = recorded;
    if (event.event === 'reopen') for (const which of endingTimes) standing.delete(`${key} ${which}`);
    if (event.event !== 'time') continue;
    const before = standing.get(`${key} ${event.which}`);
    if (before !== undefined) corrected.add(before);
    standing.set(`${key} ${event.which}`, seq);
  }
  return corrected;
}
