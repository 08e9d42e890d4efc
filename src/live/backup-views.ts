import type { BackupState } from '../fleet/backup.ts';
import type { BackupView } from '../fleet/view.ts';
import { judgeBackup } from '../health/backups.ts';

/** A backup as its host shows it; `ok` is `null` while it cannot be told. */
export function backupView(state: BackupState, now: number): BackupView {
  const [newest] = state.artifacts;
  const reason = judgeBackup(state, now);
  return {
    name: state.name,
    ageMs: newest === undefined ? null : Math.max(0, now - newest.at),
    sizeBytes: newest?.bytes ?? null,
    ok: reason?.health === 'unknown' ? null : reason === null,
    sameHost: state.sameHost,
  };
}
