import type { BackendAddressPool, LoadBalancerBackendAddress } from '@azure/arm-network';
import type { CloudMember, CloudPoolMember } from '../calls.ts';
import { CloudCallError } from '../provider-calls.ts';
import type { AddressBook } from './addresses.ts';
import { partOf } from './resource-id.ts';

/** Health of a pool's members as the balancer's rules see it: by IP address and by NIC configuration (lower-cased id). */
export type HealthByMember = ReadonlyMap<string, 'up' | 'down'>;

/** What a pool's answer says of its members, whether it is filled by addresses or by network interfaces. */
export function poolMembers(pool: BackendAddressPool, book: AddressBook, health: HealthByMember): readonly CloudPoolMember[] {
  const listed = pool.loadBalancerBackendAddresses ?? [];
  if (listed.length > 0) return listed.map((entry) => addressMember(entry, book, health));
  return (pool.backendIPConfigurations ?? []).flatMap(({ id }) => (id === undefined ? [] : [nicMember(id, book, health)]));
}

function addressMember(entry: LoadBalancerBackendAddress, book: AddressBook, health: HealthByMember): CloudPoolMember {
  const nic = entry.networkInterfaceIPConfiguration?.id;
  const owner = nic === undefined ? null : nicOwner(nic, book);
  const address = entry.ipAddress ?? owner?.address ?? null;
  const state = entry.adminState ?? 'None';
  return {
    name: owner?.name ?? entry.name ?? address ?? 'unnamed',
    zone: null,
    address,
    state: state === 'Down' ? 'out' : 'in',
    health: health.get(address ?? '') ?? health.get(nic?.toLowerCase() ?? '') ?? 'unknown',
    text: adminText(state),
    saved: { adminState: state },
  };
}

function adminText(state: string): string | null {
  if (state === 'Down') return 'admin state Down: no new connections; those that stand may stay';
  return state === 'Up' ? 'admin state Up: its probes are ignored' : null;
}

function nicMember(id: string, book: AddressBook, health: HealthByMember): CloudPoolMember {
  const { name, address } = nicOwner(id, book);
  const found = health.get(id.toLowerCase()) ?? health.get(address ?? '') ?? 'unknown';
  return { name, zone: null, address, state: 'in', health: found, text: 'by its network interface', saved: {} };
}

/** Machine and private address behind the id of an IP configuration; the NIC's own name where the NIC is not known. */
function nicOwner(configId: string, book: AddressBook): { readonly name: string; readonly address: string | null } {
  const nic = book.nic(configId.replace(/\/ipConfigurations\/.*$/i, ''));
  const set = partOf(configId, 'virtualMachineScaleSets');
  const instance = set === null ? null : `${set}_${partOf(configId, 'virtualMachines') ?? '?'}`;
  const machine = instance ?? partOf(nic?.virtualMachine?.id, 'virtualMachines') ?? partOf(configId, 'networkInterfaces') ?? 'unnamed';
  const config = nic?.ipConfigurations?.find(({ id }) => id?.toLowerCase() === configId.toLowerCase());
  return { name: machine, address: config?.privateIPAddress ?? null };
}

/**
 * Why members cannot be taken out by their admin state, `null` when they can. A pool filled by network interfaces alone has no entries
 * to carry one, and the whole pool is written back, in which an entry known only by its interface would lose what it stands for.
 */
export function poolRefusal(pool: BackendAddressPool): string | null {
  const listed = pool.loadBalancerBackendAddresses ?? [];
  if (listed.length === 0) {
    if ((pool.backendIPConfigurations ?? []).length === 0) return null;
    return 'this pool is filled by network interfaces and lists no addresses, so its members have no admin state to take them out by; use a health-file pool in front of the same machines';
  }
  const bare = listed.find((entry) => entry.ipAddress === undefined && entry.loadBalancerFrontendIPConfiguration === undefined);
  if (bare === undefined) return null;
  return `entry ${bare.name ?? 'without a name'} of this pool is known by its network interface only and would be lost when the pool is written back; use a health-file pool in front of the same machines`;
}

/**
 * The pool with one member's admin state set; `null` when it is so already. Restored is `None`, never `Up`, which ignores the probes.
 * @throws CloudCallError when the pool has no such member, or more than one.
 */
export function withAdminState(
  pool: BackendAddressPool,
  member: CloudMember,
  book: AddressBook,
  state: 'Down' | 'None',
): BackendAddressPool | null {
  const entries = pool.loadBalancerBackendAddresses ?? [];
  const named = entries.map((entry) => ({ entry, member: addressMember(entry, book, new Map()) }));
  const byAddress = named.filter((each) => member.address !== null && each.member.address === member.address);
  const matches =
    byAddress.length > 0 ? byAddress : named.filter((each) => each.member.name === member.name || each.entry.name === member.name);
  const match = matches[0];
  const who = member.address === null ? member.name : `${member.name} (${member.address})`;
  if (match === undefined) throw new CloudCallError('not-found', `The pool ${pool.name ?? ''} has no member ${who}.`);
  if (matches.length > 1)
    throw new CloudCallError('conflict', `The pool ${pool.name ?? ''} has ${matches.length} entries for ${who}; mend it in Azure first.`);
  const isOut = match.entry.adminState === 'Down';
  if (isOut === (state === 'Down')) return null;
  return {
    ...pool,
    loadBalancerBackendAddresses: entries.map((entry) => (entry === match.entry ? { ...entry, adminState: state } : entry)),
  };
}
