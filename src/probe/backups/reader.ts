import type { BackupSpec } from '../../fleet/definition.ts';
import type { BackupState } from '../../fleet/backup.ts';
import type { Host } from '../../fleet/host.ts';
import type { ReadContext } from '../pools/reader.ts';

/** What one reading of a backup on one host found. */
export type BackupReading = Pick<BackupState, 'artifacts' | 'running' | 'failed' | 'error'>;

/** Reads one kind of backup on one host of its roles; never rejects. */
export type BackupReader = (backup: BackupSpec, host: Host, context: ReadContext) => Promise<BackupReading>;
