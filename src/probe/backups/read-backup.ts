import type { BackupSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import type { ReadContext } from '../pools/reader.ts';
import type { BackupReader, BackupReading } from './reader.ts';

/** Reads a backup on a host by its kind; never rejects. */
export async function readBackup(backup: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  const reader = readers[backup.kind];
  if (reader === undefined)
    return { artifacts: [], running: null, failed: null, error: `backups of kind ${backup.kind} cannot be read yet` };
  return reader(backup, host, context);
}

const readers: Readonly<Partial<Record<BackupSpec['kind'], BackupReader>>> = {};
