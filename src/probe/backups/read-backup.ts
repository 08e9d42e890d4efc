import type { BackupSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import type { ReadContext } from '../pools/reader.ts';
import type { BackupReader, BackupReading } from './reader.ts';
import { readRecords } from './records.ts';
import { readSnapshots } from './snapshots.ts';
import { readRunAndWatched, readWatched } from './watched.ts';

/** Reads a backup on a host by its kind; never rejects. */
export async function readBackup(backup: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  return readers[backup.kind](backup, host, context);
}

const readers: Readonly<Record<BackupSpec['kind'], BackupReader>> = {
  rsync: readRecords,
  mysqldump: readRecords,
  'mariadb-dump': readRecords,
  rsnapshot: readRunAndWatched,
  command: readRunAndWatched,
  watch: readWatched,
  'gce-snapshot': readSnapshots,
  'azure-snapshot': readSnapshots,
};
