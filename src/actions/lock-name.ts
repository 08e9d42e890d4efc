import type { PlannedLock } from './plan.ts';

/** Name of the lock that covers every change of one host; pools and backups have their own. */
export const hostLock = 'host';

/** A lock in words: the host itself, or what is locked and where that is written. */
export function lockedThing(planned: Pick<PlannedLock, 'hostName' | 'lock'>): string {
  return planned.lock === hostLock ? planned.hostName : `${planned.lock.replace('-', ' ')} (on ${planned.hostName})`;
}
