import type { BackupState } from '../src/fleet/backup.ts';
import type { FleetState } from '../src/fleet/view.ts';
import { backupRows } from './backup-figures.ts';
import { type PoolRow, poolRows } from './pool-figures.ts';
import type { ScreenEntry } from './state.ts';

interface Keyed {
  readonly key: string;
}

export type PoolsScreen = Extract<ScreenEntry, { kind: 'pools' }>;
export type BackupsScreen = Extract<ScreenEntry, { kind: 'backups' }>;

/** Place of the row with the cursor's key; the first when it is gone or nobody moved yet. -1 when there are no rows. */
export function keyIndex(rows: readonly Keyed[], cursor: string | null): number {
  if (rows.length === 0) return -1;
  return Math.max(
    0,
    rows.findIndex((row) => row.key === cursor),
  );
}

/** The same screen with its cursor `delta` rows on; past either end it stays at the end. */
export function movedCursor<Screen extends PoolsScreen | BackupsScreen>(screen: Screen, fleet: FleetState, delta: number): Screen {
  const rows: readonly Keyed[] = screen.kind === 'pools' ? poolRows(fleet) : backupRows(fleet);
  const at = Math.max(0, Math.min(rows.length - 1, keyIndex(rows, screen.cursor) + delta));
  return { ...screen, cursor: rows[at]?.key ?? null };
}

export function chosenPoolRow(screen: PoolsScreen, fleet: FleetState): PoolRow | null {
  const rows = poolRows(fleet);
  return rows[keyIndex(rows, screen.cursor)] ?? null;
}

export function chosenBackup(screen: BackupsScreen, fleet: FleetState): BackupState | null {
  const rows = backupRows(fleet);
  return rows[keyIndex(rows, screen.cursor)]?.backup ?? null;
}

/** First line to show so that lines `from` to `to` are in sight, `from` above all; scrolls no further than needed. */
export function followLines(top: number, from: number, to: number, height: number, count: number): number {
  const maxTop = Math.max(0, count - height);
  return Math.max(0, Math.min(maxTop, from, Math.max(top, to - height + 1)));
}
