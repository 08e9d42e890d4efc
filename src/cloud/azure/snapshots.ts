import type { Snapshot } from '@azure/arm-compute';
import type { CloudDisk, CloudSnapshot } from '../calls.ts';
import { CloudCallError } from '../provider-calls.ts';
import { allPages } from './all-pages.ts';
import type { AzureClients } from './azure-clients.ts';
import { idKey } from './resource-id.ts';

type AzureDisk = Extract<CloudDisk, { readonly kind: 'azure-disk' }>;

/** Snapshots of a disk in its resource group, newest first. */
export async function listSnapshots(place: AzureDisk, clients: AzureClients): Promise<readonly CloudSnapshot[]> {
  const all = await allPages(clients.compute.snapshots.listByResourceGroup(place.resourceGroup));
  const disk = idKey(diskId(place, clients));
  return all
    .filter((snapshot) => idKey(snapshot.creationData?.sourceResourceId ?? '') === disk)
    .flatMap((snapshot) => snapshotOf(snapshot) ?? [])
    .toSorted((a, b) => b.at - a.at);
}

function snapshotOf(snapshot: Snapshot): CloudSnapshot | null {
  const at = snapshot.timeCreated?.getTime() ?? Number.NaN;
  if (snapshot.name === undefined || Number.isNaN(at)) return null;
  return { name: snapshot.name, at, state: stateOf(snapshot), bytes: snapshot.diskSizeBytes ?? null, pct: pctOf(snapshot) };
}

/** Succeeded is only the order's; a copy in the background (`CopyStart`) is whole at 100 per cent. */
function stateOf(snapshot: Snapshot): CloudSnapshot['state'] {
  if (snapshot.copyCompletionError !== undefined) return 'failed';
  switch (snapshot.provisioningState?.toLowerCase()) {
    case 'succeeded':
      return (snapshot.completionPercent ?? 100) < 100 ? 'creating' : 'ready';
    case 'creating':
    case 'updating':
    case 'accepted':
      return 'creating';
    case 'failed':
    case 'canceled':
      return 'failed';
    case 'deleting':
      return 'deleting';
    default:
      return 'unknown';
  }
}

function pctOf(snapshot: Snapshot): number | null {
  if (snapshot.completionPercent !== undefined) return snapshot.completionPercent;
  return stateOf(snapshot) === 'ready' ? 100 : null;
}

/**
 * Orders an incremental snapshot; resolves when Azure has taken the order. Never writes over one of the same name that is of another disk.
 * @throws CloudCallError
 */
export async function createSnapshot(place: AzureDisk, name: string, requestId: string, clients: AzureClients): Promise<void> {
  const { compute } = clients;
  const source = diskId(place, clients);
  const before = await standing(place, name, clients);
  if (before !== null) {
    // Asked again for what an earlier attempt had ordered already.
    if (before.tags?.[requestTag] === requestId) return;
    throw new CloudCallError('conflict', `There is a snapshot ${name} in ${place.resourceGroup} already; it is not written over.`);
  }
  const disk = await compute.disks.get(place.resourceGroup, place.disk);
  await compute.snapshots.beginCreateOrUpdate(place.resourceGroup, name, {
    location: disk.location,
    creationData: { createOption: 'Copy', sourceResourceId: source },
    incremental: true,
    tags: { [requestTag]: requestId },
  });
}

/** PUT has no request id, so the order's is kept on the snapshot. */
const requestTag = 'quarterdeck-request';

async function standing({ resourceGroup }: AzureDisk, name: string, { compute }: AzureClients): Promise<Snapshot | null> {
  const all = await allPages(compute.snapshots.listByResourceGroup(resourceGroup));
  return all.find((snapshot) => snapshot.name?.toLowerCase() === name.toLowerCase()) ?? null;
}

/**
 * Deletes a snapshot of this disk; resolves when it is gone.
 * @throws CloudCallError when there is none of that name, or when it is of another disk.
 */
export async function deleteSnapshot(place: AzureDisk, name: string, clients: AzureClients): Promise<void> {
  const snapshot = await standing(place, name, clients);
  if (snapshot === null) throw new CloudCallError('not-found', `There is no snapshot ${name} in ${place.resourceGroup}.`);
  if (idKey(snapshot.creationData?.sourceResourceId ?? '') !== idKey(diskId(place, clients))) {
    throw new CloudCallError('conflict', `Snapshot ${name} is not one of disk ${place.disk}, so it is not deleted.`);
  }
  await clients.compute.snapshots.delete(place.resourceGroup, name, { updateIntervalInMs: 1_000 });
}

function diskId({ resourceGroup, disk }: AzureDisk, { subscription }: AzureClients): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/disks/${disk}`;
}
