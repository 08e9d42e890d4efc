import type { ActionRequest } from '../src/actions/request.ts';
import type { BackupProgress } from '../src/fleet/backup.ts';
import type { FleetState } from '../src/fleet/view.ts';
import { progressWords } from './backup-words.ts';
import { plural } from './format.ts';
import { memberOf } from './pool-figures.ts';
import type { Change } from './state.ts';

/** What a backup that was asked for says of itself while it runs. */
export function runningBackup(fleet: Pick<FleetState, 'backups'>, request: ActionRequest): BackupProgress | null {
  if (request.action !== 'backup') return null;
  return fleet.backups.find((one) => one.name === request.name && one.hostId === request.hostId)?.running ?? null;
}

/** What the change said last, while it waits for its effect; `null` when it waits for nothing. */
export function waitingWords({ progress }: Change): string | null {
  const last = progress.at(-1);
  return last?.phase === 'verify' && last.health === 'running' ? last.text : null;
}

/** Connections left of a host that is being drained, as its balancer was last read; `null` when it is not. */
export function drainWords(fleet: Pick<FleetState, 'pools'>, request: ActionRequest): string | null {
  const member = request.action === 'depool' ? memberOf(fleet, request.hostId, request.pool) : null;
  if (member?.state !== 'draining') return null;
  return member.connections === null ? 'draining, connections unknown' : `${plural(member.connections, 'connection')} left`;
}

/** How far a change is, in few words: share done, what it waits for, connections left. `null` where nothing tells. */
export function liveWords(fleet: FleetState, change: Change, now: number): string | null {
  const { request } = change.plan;
  const running = runningBackup(fleet, request);
  if (running !== null) return progressWords(running, now);
  return waitingWords(change) ?? drainWords(fleet, request);
}
