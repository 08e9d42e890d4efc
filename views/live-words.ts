import type { ActionRequest } from '../src/actions/request.ts';
import type { BackupProgress } from '../src/fleet/backup.ts';
import type { FleetState } from '../src/fleet/view.ts';
import { progressWords } from './backup-words.ts';
import { plural } from './format.ts';
import { memberOf } from './pool-figures.ts';

/** What a backup that was asked for says of itself while it runs. */
export function runningBackup(fleet: Pick<FleetState, 'backups'>, request: ActionRequest): BackupProgress | null {
  if (request.action !== 'backup') return null;
  return fleet.backups.find((one) => one.name === request.name && one.hostId === request.hostId)?.running ?? null;
}

/** How far a change is, as last read of balancer or backup: connections left, share done. `null` where nothing tells. */
export function liveWords(fleet: FleetState, request: ActionRequest, now: number): string | null {
  if (request.action === 'depool') {
    const member = memberOf(fleet, request.hostId, request.pool);
    if (member?.state === 'draining')
      return member.connections === null ? 'draining, connections unknown' : `${plural(member.connections, 'connection')} left`;
    return null;
  }
  const running = runningBackup(fleet, request);
  return running === null ? null : progressWords(running, now);
}
