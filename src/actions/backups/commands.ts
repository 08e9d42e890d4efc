import { randomUUID } from 'node:crypto';
import type { CloudWriteCall } from '../../cloud/calls.ts';
import { sshOf, type BackupSpec, type Fleet } from '../../fleet/definition.ts';
import type { HostView } from '../../fleet/view.ts';
import { diskOf } from '../../probe/backups/cloud-disk.ts';
import { folderOf, slugOf } from '../../probe/backups/place.ts';
import type { PlannedCommand } from '../plan.ts';
import type { RequestOf } from '../driver.ts';
import { plannedCommand } from '../sudo-command.ts';
import { longestWaitMs } from './prove.ts';
import { commandWords, rsnapshotWords } from './scripts/command.ts';
import { dumpWords } from './scripts/dump.ts';
import { backupScript, type KindWords } from './scripts/frame.ts';
import { retentionScript } from './scripts/retention.ts';
import { rsyncWords } from './scripts/rsync.ts';

const checkDeadlineMs = 30_000;
const cloudDeadlineMs = 120_000;

/** The longest that one takes, ms: of a snapshot the order and the wait until it is whole; `null` for one that is only watched. */
export function longestBackupMs(spec: BackupSpec): number | null {
  if (spec.kind === 'gce-snapshot' || spec.kind === 'azure-snapshot') return cloudDeadlineMs + longestWaitMs;
  const retentionMs = spec.keep === null || folderOf(spec) === null ? 0 : spec.timeoutMs;
  return kindWords(spec) === null ? null : checkDeadlineMs + spec.timeoutMs + retentionMs;
}

/** What is run for a backup, in order; words when it cannot be. */
export function backupCommands(
  fleet: Fleet,
  spec: BackupSpec,
  view: HostView,
  request: RequestOf<'backup'>,
  newest: string | null,
): readonly PlannedCommand[] | string {
  if (spec.kind === 'gce-snapshot' || spec.kind === 'azure-snapshot') return snapshotCommands(fleet, spec, view, request, newest);
  const words = kindWords(spec);
  if (words === null) return `backup ${spec.name} is only watched`;
  const { sudo } = sshOf(fleet, view.host.role);
  return [
    plannedCommand(view, 'precheck', backupScript(spec, 'check', words), sudo, checkDeadlineMs),
    plannedCommand(view, 'change', backupScript(spec, 'run', words), sudo, spec.timeoutMs),
    ...(spec.keep === null || folderOf(spec) === null
      ? []
      : [plannedCommand(view, 'change', retentionScript(spec, spec.keep), sudo, spec.timeoutMs)]),
  ];
}

function kindWords(spec: BackupSpec): KindWords | null {
  switch (spec.kind) {
    case 'rsync':
      return rsyncWords(spec);
    case 'mysqldump':
    case 'mariadb-dump':
      return dumpWords(spec);
    case 'rsnapshot':
      return rsnapshotWords(spec);
    case 'command':
      return commandWords(spec);
    case 'gce-snapshot':
    case 'azure-snapshot':
    case 'watch':
      return null;
    default:
      return spec.kind satisfies never;
  }
}

/**
 * The name and the id of an order belong to one plan: read again under the lock they must be the same, and a plan made after another
 * snapshot came must have new ones.
 */
const orders = new WeakMap<object, { readonly newest: string | null; readonly name: string; readonly requestId: string }>();

function orderOf(
  spec: BackupSpec,
  request: RequestOf<'backup'>,
  newest: string | null,
): { readonly name: string; readonly requestId: string } {
  const known = orders.get(request);
  if (known !== undefined && known.newest === newest) return known;
  // Letters, digits and dashes, at most 63: what both clouds take as the name of a snapshot.
  const slug = slugOf(spec.name)
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^[^a-z]/, 'b$&')
    .slice(0, 40);
  const time = new Date()
    .toISOString()
    .replace(/[-:]|\.\d+Z/g, '')
    .replace('T', '-');
  const order = { newest, name: `${slug}-${time}`, requestId: randomUUID() };
  orders.set(request, order);
  return order;
}

function snapshotCommands(
  fleet: Fleet,
  spec: BackupSpec,
  view: HostView,
  request: RequestOf<'backup'>,
  newest: string | null,
): readonly PlannedCommand[] | string {
  const place = diskOf(fleet, spec, view.host);
  if (typeof place === 'string') return place;
  const { name, requestId } = orderOf(spec, request, newest);
  const call: CloudWriteCall = { call: 'snapshot-create', disk: place.disk, name, requestId };
  const where = place.disk.kind === 'gce-disk' ? `zone ${place.disk.zone}` : `resource group ${place.disk.resourceGroup}`;
  const words = `${place.access.provider}: create snapshot ${name} of disk ${place.disk.disk} (${where})`;
  return [
    {
      hostId: view.host.id,
      hostName: view.host.name,
      purpose: 'change',
      command: words,
      bare: words,
      sudo: { kind: 'no' },
      deadlineMs: cloudDeadlineMs,
      cloud: { access: place.access, call },
    },
  ];
}
