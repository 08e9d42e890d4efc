import type { CloudDisk, CloudPool } from '../calls.ts';
import { type CallTime, CloudCallError, type ProviderCalls, type ProviderSession } from '../provider-calls.ts';
import { type AzureClients, clientMaker } from './azure-clients.ts';
import { azureError } from './azure-errors.ts';
import { changePool } from './change-pool.ts';
import { listHosts } from './list-hosts.ts';
import { type AzurePool, readPool } from './read-pool.ts';
import { emptyLog } from './request-log.ts';
import { createSnapshot, deleteSnapshot, listSnapshots } from './snapshots.ts';

type Fault = (error: unknown) => CloudCallError;

/**
 * The calls of one Azure subscription by the official SDKs. Retries of 429 (with Retry-After), 5xx and lost connections are the SDKs'
 * own, inside the call's time.
 * @throws CloudCallError when the endpoint's certificate file cannot be read.
 */
export function createAzureCalls(session: ProviderSession): ProviderCalls {
  const clientsFor = clientMaker(session);

  const ask = async <Answer>(
    doing: string,
    time: CallTime,
    work: (clients: AzureClients, fault: Fault) => Promise<Answer>,
  ): Promise<Answer> => {
    const log = emptyLog();
    const fault: Fault = (error) => azureError(error, { doing, time, log, endpoint: session.endpoint });
    // What else was asked at the same time ends with the first failure.
    const ended = new AbortController();
    const signal = AbortSignal.any([time.signal, ended.signal]);
    try {
      return await work(clientsFor({ signal, endsAt: time.endsAt }, log), fault);
    } catch (error) {
      throw fault(error);
    } finally {
      ended.abort();
    }
  };

  return {
    hosts: (call, time, found) =>
      ask(`list the machines of ${call.resourceGroup ?? 'the subscription'}`, time, async (clients, fault) => ({
        missing: await listHosts({ clients, group: call.resourceGroup, found, fault }),
      })),
    pool: async (call, time) => {
      const pool = azurePool(call.pool);
      return ask(`read pool ${named(pool)}`, time, (clients, fault) => readPool(pool, clients, fault));
    },
    'pool-out': async (call, time) => {
      const pool = azurePool(call.pool);
      return ask(`take ${call.member.name} out of pool ${named(pool)}`, time, (clients, fault) =>
        changePool({ ...call, pool }, 'Down', clients, fault),
      );
    },
    'pool-in': async (call, time) => {
      const pool = azurePool(call.pool);
      return ask(`put ${call.member.name} back into pool ${named(pool)}`, time, (clients, fault) =>
        changePool({ ...call, pool }, 'None', clients, fault),
      );
    },
    snapshots: ({ disk }, time) =>
      ask(`list the snapshots of disk ${disk.disk}`, time, async (clients) => ({
        snapshots: await listSnapshots(azureDisk(disk), clients),
      })),
    'snapshot-create': ({ disk, name, requestId }, time) =>
      ask(`take snapshot ${name} of disk ${disk.disk}`, time, async (clients) => {
        await createSnapshot(azureDisk(disk), name, requestId, clients);
        return { name };
      }),
    'snapshot-delete': ({ disk, name }, time) =>
      ask(`delete snapshot ${name}`, time, async (clients) => {
        await deleteSnapshot(azureDisk(disk), name, clients);
        return { name };
      }),
  };
}

function named(pool: AzurePool): string {
  return `${pool.lb}/${pool.backend}`;
}

function azurePool(pool: CloudPool): AzurePool {
  if (pool.kind !== 'azure-lb') throw new CloudCallError('other', `A ${pool.kind} is not in Azure.`);
  return pool;
}

function azureDisk(disk: CloudDisk): Extract<CloudDisk, { readonly kind: 'azure-disk' }> {
  if (disk.kind !== 'azure-disk') throw new CloudCallError('other', `A ${disk.kind} is not in Azure.`);
  return disk;
}
