import type { BackupArtifact, BackupState } from '../src/fleet/backup.ts';
import type { Health } from '../src/fleet/health.ts';
import type { FleetState } from '../src/fleet/view.ts';

/** One backup of one host, as a place of the cursor. */
export interface BackupRow {
  readonly key: string;
  readonly backup: BackupState;
}

const natural = new Intl.Collator('en', { numeric: true });

/** Backups in the order of the fleet file, each one's hosts by name as people count. */
export function backupRows(fleet: Pick<FleetState, 'backups' | 'byId'>): readonly BackupRow[] {
  const nameOf = ({ hostId }: BackupState): string => fleet.byId.get(hostId)?.host.name ?? hostId;
  return [...Map.groupBy(fleet.backups, (backup) => backup.name).values()].flatMap((same) =>
    same.toSorted((a, b) => natural.compare(nameOf(a), nameOf(b))).map((backup) => ({ key: `${backup.name}\n${backup.hostId}`, backup })),
  );
}

export function newestOf(backup: BackupState): BackupArtifact | null {
  return backup.artifacts[0] ?? null;
}

/** How old the newest good copy is, ms; `null` without one. */
export function backupAgeMs(backup: BackupState, now: number): number | null {
  const newest = newestOf(backup);
  return newest === null ? null : Math.max(0, now - newest.at);
}

/** A backup in a word, with its health. What was never read is unknown, not missing. */
export function backupWord(backup: BackupState, now: number): { readonly health: Health; readonly word: string } {
  const ageMs = backupAgeMs(backup, now);
  if (backup.readAt === null) return { health: 'unknown', word: backup.error === null ? 'not read' : 'unread' };
  if (ageMs === null) return { health: 'crit', word: 'no copy' };
  if (ageMs > backup.maxAgeMs) return { health: 'crit', word: 'too old' };
  if (backup.error !== null) return { health: 'unknown', word: 'unread' };
  if (backup.failed !== null) return { health: 'warn', word: 'failed' };
  if (newestOf(backup)?.verified === false) return { health: 'warn', word: 'unproven' };
  return { health: 'ok', word: 'ok' };
}
