import type { CloudDisk, CloudPool } from '../calls.ts';
import { CloudCallError, type ProviderCalls, type ProviderSession } from '../provider-calls.ts';
import { createGce } from './gce.ts';
import { listHosts } from './hosts.ts';
import { joinInstanceGroup, leaveInstanceGroup, readInstanceGroup } from './instance-group.ts';
import { joinNeg, leaveNeg, readNeg } from './neg.ts';
import { createSnapshot, deleteSnapshot, listSnapshots } from './snapshots.ts';
import { joinTargetPool, leaveTargetPool, readTargetPool } from './target-pool.ts';

/** Google Compute Engine, by its own SDK. Lives in the child process only. */
export function createGceCalls(session: ProviderSession): ProviderCalls {
  const gce = createGce(session);
  return {
    hosts: (call, time, found) => listHosts(gce, call, time, found),
    pool: async ({ pool }, time) => {
      switch (pool.kind) {
        case 'gce-target-pool':
          return await readTargetPool(gce, pool, time);
        case 'gce-instance-group':
          return await readInstanceGroup(gce, pool, time);
        case 'gce-neg':
          return await readNeg(gce, pool, time);
        case 'azure-lb':
          throw notOurs(pool);
      }
    },
    'pool-out': async ({ pool, member }, time) => {
      switch (pool.kind) {
        case 'gce-target-pool':
          return await leaveTargetPool(gce, pool, member, time);
        case 'gce-instance-group':
          return await leaveInstanceGroup(gce, pool, member, time);
        case 'gce-neg':
          return await leaveNeg(gce, pool, member, time);
        case 'azure-lb':
          throw notOurs(pool);
      }
    },
    'pool-in': async ({ pool, member, saved }, time) => {
      switch (pool.kind) {
        case 'gce-target-pool':
          return await joinTargetPool(gce, pool, member, saved, time);
        case 'gce-instance-group':
          return await joinInstanceGroup(gce, pool, member, saved, time);
        case 'gce-neg':
          return await joinNeg(gce, pool, member, saved, time);
        case 'azure-lb':
          throw notOurs(pool);
      }
    },
    snapshots: ({ disk }, time) => listSnapshots(gce, gceDisk(disk), time),
    'snapshot-create': ({ disk, name, requestId }, time) => createSnapshot(gce, { disk: gceDisk(disk), name, requestId }, time),
    'snapshot-delete': ({ disk, name }, time) => deleteSnapshot(gce, { disk: gceDisk(disk), name }, time),
  };
}

function notOurs(pool: CloudPool): CloudCallError {
  return new CloudCallError('other', `Google has no pool of kind ${pool.kind}.`);
}

function gceDisk(disk: CloudDisk): Extract<CloudDisk, { readonly kind: 'gce-disk' }> {
  if (disk.kind === 'gce-disk') return disk;
  throw new CloudCallError('other', `Google has no disk of kind ${disk.kind}.`);
}
