import type { CloudMember } from '../calls.ts';
import { CloudCallError } from '../provider-calls.ts';
import type { AzureClients } from './azure-clients.ts';
import { poolRefusal, withAdminState } from './pool-members.ts';
import { type AzurePool, nicsOf, operationPollMs } from './read-pool.ts';

interface Change {
  readonly pool: AzurePool;
  readonly member: CloudMember;
  readonly etag: string | null;
}

/**
 * Sets a member's admin state. The API takes the whole pool, so it is read and written back only if nobody changed it in between
 * (`If-Match`). Resolves when Azure's operation has ended.
 * @throws CloudCallError
 */
export async function changePool(
  { pool: place, member, etag }: Change,
  state: 'Down' | 'None',
  clients: AzureClients,
  fault: (error: unknown) => CloudCallError,
): Promise<{ readonly changed: boolean }> {
  const pools = clients.network.loadBalancerBackendAddressPools;
  const pool = await pools.get(place.resourceGroup, place.lb, place.backend);
  if (pool.etag === undefined) {
    throw new CloudCallError('other', `Azure gave no version (etag) of pool ${place.backend}, without which it is not safe to change.`);
  }
  if (etag !== null && etag !== pool.etag) {
    throw new CloudCallError('conflict', `Somebody changed pool ${place.backend} since it was read; look at it again and repeat.`);
  }
  const refusal = poolRefusal(pool);
  if (refusal !== null) throw new CloudCallError('other', `Pool ${place.backend} cannot be changed: ${refusal}.`);
  const { book } = await nicsOf(pool, clients, fault);
  const changed = withAdminState(pool, member, book, state);
  if (changed === null) return { changed: false };
  await pools.createOrUpdate(place.resourceGroup, place.lb, place.backend, changed, {
    updateIntervalInMs: operationPollMs,
    requestOptions: { headers: { 'If-Match': pool.etag } },
  });
  return { changed: true };
}
