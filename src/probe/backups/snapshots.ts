import type { BackupSpec } from '../../fleet/definition.ts';
import type { Host } from '../../fleet/host.ts';
import type { ReadContext } from '../pools/reader.ts';
import { diskOf } from './cloud-disk.ts';
import type { BackupReading } from './reader.ts';
import { unread } from './records.ts';

const deadlineMs = 30_000;

/** Snapshots of the disk as its cloud lists them; one that is ready was verified by the cloud. */
export async function readSnapshots(spec: BackupSpec, host: Host, context: ReadContext): Promise<BackupReading> {
  const place = diskOf(context.fleet, spec, host);
  if (typeof place === 'string') return unread(place);
  const answer = await context.cloud.read(place.access, { call: 'snapshots', disk: place.disk }, { deadlineMs });
  if (!answer.ok) return unread(answer.error.message);
  const newestFirst = answer.value.snapshots.toSorted((a, b) => b.at - a.at);
  const artifacts = newestFirst
    .filter((snapshot) => snapshot.state === 'ready')
    .map(({ name, at, bytes }) => ({ name, at, bytes, tookMs: null, verified: true }));
  const making = newestFirst.find((snapshot) => snapshot.state === 'creating');
  const failed = newestFirst.find((snapshot) => snapshot.state === 'failed');
  return {
    artifacts: artifacts.slice(0, 5),
    running:
      making === undefined
        ? null
        : { startedAt: making.at, bytes: making.bytes, pct: making.pct, bytesPerS: null, leftMs: null, text: `snapshot ${making.name}` },
    failed:
      failed === undefined || failed.at < (artifacts[0]?.at ?? 0)
        ? null
        : { at: failed.at, why: `the cloud says that snapshot ${failed.name} failed` },
    error: null,
  };
}
