import * as z from 'zod';
import type { CloudDisk, CloudSnapshot } from '../calls.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';
import { finish, operationOf, refuseError } from './operation.ts';

type GceDisk = Extract<CloudDisk, { readonly kind: 'gce-disk' }>;

/** Marks the snapshots that this program made: only these may it delete. */
const ours = { key: 'created-by', value: 'quarterdeck' };

const count = z.union([z.string(), z.number()]).nullish();
const snapshotSchema = z.object({
  name: z.string(),
  creationTimestamp: z.string().nullish(),
  status: z.string().nullish(),
  sourceDisk: z.string().nullish(),
  storageBytes: count,
  labels: z.record(z.string(), z.string()).nullish(),
});

/** All snapshots of a disk, whoever made them, newest first. */
export async function listSnapshots(gce: Gce, disk: GceDisk, time: CallTime): Promise<{ readonly snapshots: readonly CloudSnapshot[] }> {
  const asked = gce.asked(`list the snapshots of disk ${disk.disk}`);
  const found = await gce.ask(asked, time, async (options) => {
    const client = await gce.read.snapshots();
    const snapshots: CloudSnapshot[] = [];
    // The regular expression of the filter is matched against the whole URL.
    const filter = `sourceDisk eq ".*/zones/${disk.zone}/disks/${disk.disk}"`;
    for await (const one of client.listAsync({ project: gce.project, maxResults: 500, filter }, options)) {
      const snapshot = snapshotSchema.parse(one);
      if (isOf(disk, snapshot.sourceDisk ?? '')) snapshots.push(...snapshotOf(snapshot));
    }
    return snapshots;
  });
  return { snapshots: found.sort((a, b) => b.at - a.at) };
}

/** Orders a snapshot; it becomes ready later. The same `requestId` twice makes one. */
export async function createSnapshot(
  gce: Gce,
  order: { readonly disk: GceDisk; readonly name: string; readonly requestId: string },
  time: CallTime,
): Promise<{ readonly name: string }> {
  const { disk, name, requestId } = order;
  const doing = `take snapshot ${name} of disk ${disk.disk}`;
  const snapshotResource = {
    name,
    sourceDisk: `https://www.googleapis.com/compute/v1/projects/${gce.project}/zones/${disk.zone}/disks/${disk.disk}`,
    labels: { [ours.key]: ours.value },
  };
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.snapshots()).insert({ project: gce.project, requestId, snapshotResource }, options),
  );
  refuseError(operationOf(answer), doing);
  return { name };
}

/** Deletes a snapshot that this program made of this disk; any other is refused. One that is gone already counts as deleted. */
export async function deleteSnapshot(
  gce: Gce,
  order: { readonly disk: GceDisk; readonly name: string },
  time: CallTime,
): Promise<{ readonly name: string }> {
  const { disk, name } = order;
  const doing = `delete snapshot ${name}`;
  const place = { project: gce.project, snapshot: name };
  try {
    const [answer] = await gce.ask(gce.asked(`read snapshot ${name}`), time, async (options) =>
      (await gce.read.snapshots()).get(place, options),
    );
    const { sourceDisk, labels } = snapshotSchema.parse(answer);
    if (!isOf(disk, sourceDisk ?? '') || labels?.[ours.key] !== ours.value) {
      throw new CloudCallError('conflict', `Snapshot ${name} was not made of ${disk.disk} by this program, so it is not deleted.`);
    }
    const started = await gce.ask(gce.asked(doing, true), time, async (options) => (await gce.write.snapshots()).delete(place, options));
    await finish(gce, operationOf(started), 'global', doing, time);
  } catch (error) {
    if (!(error instanceof CloudCallError) || error.kind !== 'not-found') throw error;
  }
  return { name };
}

function isOf(disk: GceDisk, url: string): boolean {
  return url.endsWith(`/zones/${disk.zone}/disks/${disk.disk}`);
}

function snapshotOf(snapshot: z.output<typeof snapshotSchema>): CloudSnapshot[] {
  const at = Date.parse(snapshot.creationTimestamp ?? '');
  if (Number.isNaN(at)) return [];
  const state = stateOf(snapshot.status ?? '');
  const bytes = Number(snapshot.storageBytes ?? 0);
  return [{ name: snapshot.name, at, state, bytes: bytes > 0 ? bytes : null, pct: state === 'ready' ? 100 : null }];
}

function stateOf(status: string): CloudSnapshot['state'] {
  switch (status) {
    case 'CREATING':
    case 'UPLOADING':
      return 'creating';
    case 'READY':
      return 'ready';
    case 'FAILED':
      return 'failed';
    case 'DELETING':
      return 'deleting';
    default:
      return 'unknown';
  }
}
