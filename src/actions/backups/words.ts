import type { BackupProgress, BackupState } from '../../fleet/backup.ts';
import type { BackupSpec } from '../../fleet/definition.ts';
import { formatBytes, formatDuration } from '../../fleet/duration.ts';
import { judgeBackup } from '../../health/backups.ts';
import { folderOf, isRemotePlace, slugOf, textOption } from '../../probe/backups/place.ts';
import type { Plan } from '../plan.ts';

/** Name of the lock on the host: a long backup does not keep restarts out, another of the same does. */
export function lockOf(spec: BackupSpec): string {
  return `backup-${slugOf(spec.name)}`.slice(0, 100);
}

/** `34 %, 1.21 GB, 31 MB/s, 2m10s left`. */
export function progressWords(running: BackupProgress): string {
  const parts = [
    running.pct === null ? null : `${running.pct} %`,
    running.bytes === null ? null : formatBytes(running.bytes),
    running.bytesPerS === null ? null : `${formatBytes(running.bytesPerS)}/s`,
    running.leftMs === null ? null : `${formatDuration(running.leftMs)} left`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : (running.text ?? 'it runs');
}

/** The newest copy and its age, as the plan's state before. */
export function nowWords(state: BackupState, now: number): Plan['now'][number] {
  const health = judgeBackup(state, now)?.health ?? 'ok';
  const [newest] = state.artifacts;
  if (newest === undefined) return { text: `no copy of ${state.name} yet`, health };
  const size = newest.bytes === null ? '' : `, ${formatBytes(newest.bytes)}`;
  const verified = newest.verified === true ? ', verified' : newest.verified === false ? ', not verified' : '';
  const age = formatDuration(Math.max(0, now - newest.at));
  return { text: `newest copy ${newest.name}, ${age} old (limit ${formatDuration(state.maxAgeMs)})${size}${verified}`, health };
}

/** What will be demanded before it counts. */
export function proofWords(spec: BackupSpec): string {
  switch (spec.kind) {
    case 'rsync':
      return 'rsync ends well, the copy is not less than half of the last one, holds the sentinel, and has its record';
    case 'mysqldump':
    case 'mariadb-dump':
      return 'the dump ends well, is a whole gzip file whose last line is “Dump completed”, is not less than half of the last one, and has its record';
    case 'rsnapshot':
    case 'command':
      return textOption(spec, 'watch') === null
        ? 'none: the fleet file names nothing to watch, so exit 0 is all that can be seen'
        : `${textOption(spec, 'watch') ?? ''} is newer than the start and not empty`;
    case 'gce-snapshot':
    case 'azure-snapshot':
      return 'the cloud lists the new snapshot as ready';
    case 'watch':
      return 'none: it is only watched';
    default:
      return spec.kind satisfies never;
  }
}

export function warnings(spec: BackupSpec, state: BackupState): string[] {
  const [newest] = state.artifacts;
  const remote = isRemotePlace(textOption(spec, 'to') ?? '');
  const list: (string | null)[] = [
    state.sameHost ? 'the copy lies on the host it copies: it is lost with it' : null,
    spec.kind === 'rsnapshot' ? `rsnapshot rotates: its oldest ${textOption(spec, 'interval') ?? ''} copy is deleted by this run` : null,
    spec.kind === 'command' ? 'whether the command overwrites an older copy cannot be told' : null,
    newest !== undefined && newest.verified !== true ? `nothing shows that the last copy is whole: ${newest.name}` : null,
    state.failed === null ? null : `the last attempt failed: ${state.failed.why}`,
    remote ? 'the space on the other side cannot be told before' : null,
    spec.keep !== null && (remote || folderOf(spec) === null)
      ? `keep: ${spec.keep} is not applied: old copies of this kind are not deleted from here`
      : null,
  ];
  return list.filter((warning) => warning !== null);
}
