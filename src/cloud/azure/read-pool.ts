import type { BackendAddressPool } from '@azure/arm-network';
import pLimit from 'p-limit';
import type { CloudPool, CloudPoolReading } from '../calls.ts';
import type { CloudCallError } from '../provider-calls.ts';
import { AddressBook } from './addresses.ts';
import { allPages } from './all-pages.ts';
import type { AzureClients } from './azure-clients.ts';
import { type HealthByMember, poolMembers, poolRefusal } from './pool-members.ts';
import { groupOf, partOf } from './resource-id.ts';

export type AzurePool = Extract<CloudPool, { readonly kind: 'azure-lb' }>;

/** Time between two looks at an operation that has not ended, ms, where the server does not say. */
export const operationPollMs = 1_000;

/** Rules of one pool asked at once; each is an operation of its own. */
const rulesAtOnce = 4;

type Fault = (error: unknown) => CloudCallError;

/** Members of a balancer's pool with admin state and health. What only adds to it (machine names, health) is left out with a warning when denied. */
export async function readPool(place: AzurePool, clients: AzureClients, fault: Fault): Promise<CloudPoolReading> {
  const pool = await clients.network.loadBalancerBackendAddressPools.get(place.resourceGroup, place.lb, place.backend);
  const [named, health] = await Promise.all([nicsOf(pool, clients, fault), healthOf(pool, place, clients, fault)]);
  return {
    members: poolMembers(pool, named.book, health.byMember),
    refusal: poolRefusal(pool),
    etag: pool.etag ?? null,
    warnings: [...named.warnings, ...health.warnings],
  };
}

/** The NICs that a pool names, so that its members get the names of their machines. */
export async function nicsOf(
  pool: BackendAddressPool,
  { network }: AzureClients,
  fault: Fault,
): Promise<{ readonly book: AddressBook; readonly warnings: readonly string[] }> {
  const book = new AddressBook();
  const configs = pool.backendIPConfigurations ?? [];
  const entries = pool.loadBalancerBackendAddresses ?? [];
  const ids = [...configs.map(({ id }) => id), ...entries.map((entry) => entry.networkInterfaceIPConfiguration?.id)].flatMap(
    (id) => id ?? [],
  );
  const sets = new Map<string, { group: string; name: string }>();
  const groups = new Set<string>();
  for (const id of ids) {
    const [group, name] = [groupOf(id), partOf(id, 'virtualMachineScaleSets')];
    if (group === null) continue;
    if (name === null) groups.add(group);
    else sets.set(`${group}/${name.toLowerCase()}`, { group, name });
  }
  try {
    const lists = await Promise.all([
      ...[...groups].map((group) => allPages(network.networkInterfaces.list(group))),
      ...[...sets.values()].map(({ group, name }) =>
        allPages(network.networkInterfaces.listVirtualMachineScaleSetNetworkInterfaces(group, name)),
      ),
    ]);
    for (const nics of lists) book.addNics(nics);
    return { book, warnings: [] };
  } catch (error) {
    return { book, warnings: [unlessFatal(error, fault, 'the network interfaces of its members cannot be read')] };
  }
}

/** Up where every rule that speaks of a member calls it up. */
async function healthOf(
  pool: BackendAddressPool,
  place: AzurePool,
  { network }: AzureClients,
  fault: Fault,
): Promise<{ readonly byMember: HealthByMember; readonly warnings: readonly string[] }> {
  const rules = (pool.loadBalancingRules ?? []).flatMap(({ id }) => partOf(id, 'loadBalancingRules') ?? []);
  const byMember = new Map<string, 'up' | 'down'>();
  const limit = pLimit(rulesAtOnce);
  try {
    const answers = await Promise.all(
      rules.map((rule) =>
        limit(() =>
          network.loadBalancerLoadBalancingRules.health(place.resourceGroup, place.lb, rule, { updateIntervalInMs: operationPollMs }),
        ),
      ),
    );
    for (const entry of answers.flatMap((answer) => answer.loadBalancerBackendAddresses ?? [])) {
      const up = entry.state?.toLowerCase() === 'up';
      for (const key of [entry.ipAddress, entry.networkInterfaceIPConfigurationId?.toLowerCase()]) {
        if (key !== undefined) byMember.set(key, up && byMember.get(key) !== 'down' ? 'up' : 'down');
      }
    }
    return { byMember, warnings: rules.length === 0 ? ['no balancing rule uses this pool, so that its health is not known'] : [] };
  } catch (error) {
    return { byMember: new Map(), warnings: [unlessFatal(error, fault, 'the health of its members cannot be read')] };
  }
}

/** The warning for an addition that is denied or not offered; any other fault is the call's own. */
function unlessFatal(error: unknown, fault: Fault, what: string): string {
  const { kind, message } = fault(error);
  if (kind === 'permission' || kind === 'not-found') return `${what}: ${message}`;
  throw error;
}
