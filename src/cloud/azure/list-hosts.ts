import type { VirtualMachine, VirtualMachineScaleSet } from '@azure/arm-compute';
import pLimit from 'p-limit';
import type { CloudHost } from '../calls.ts';
import type { CloudCallError } from '../provider-calls.ts';
import { AddressBook } from './addresses.ts';
import { allPages } from './all-pages.ts';
import type { AzureClients } from './azure-clients.ts';
import { instanceHost, machineHost } from './hosts.ts';
import { groupOf, idKey } from './resource-id.ts';

/** Requests under way at once where a call needs one for each machine or set; the subscription's bucket refills by 25 a second. */
const atOnce = 8;

interface Listing {
  readonly clients: AzureClients;
  /** Only this resource group; `null`: all of the subscription. */
  readonly group: string | null;
  readonly found: (host: CloudHost) => void;
  /** Turns what the SDK threw into the call's error. */
  readonly fault: (error: unknown) => CloudCallError;
}

/**
 * Every machine and every instance of a scale set, with its addresses: machines, their runtime status, NICs and public addresses are
 * one paged list each, joined by id. Returns the groups and scale sets that could not be seen.
 */
export async function listHosts(listing: Listing): Promise<readonly string[]> {
  const { clients, group, found } = listing;
  const { compute, network } = clients;
  const [machines, statuses, nics, publics, sets] = await Promise.all([
    allPages(group === null ? compute.virtualMachines.listAll() : compute.virtualMachines.list(group)),
    runtimeStatuses(listing),
    allPages(group === null ? network.networkInterfaces.listAll() : network.networkInterfaces.list(group)),
    allPages(group === null ? network.publicIPAddresses.listAll() : network.publicIPAddresses.list(group)),
    allPages(group === null ? compute.virtualMachineScaleSets.listAll() : compute.virtualMachineScaleSets.list(group)),
  ]);
  const book = new AddressBook();
  book.addNics(nics);
  book.addPublics(publics);
  const missing = group === null ? [] : await addForeignGroups(machines, book, listing);
  const statusOf = statuses ?? (await statusesOneByOne(machines, listing));
  for (const machine of machines) {
    const host = machineHost(machine, statusOf.get(idKey(machine.id ?? '')) ?? null, book);
    if (host !== null) found(host);
  }
  const limit = pLimit(atOnce);
  // Machines of a flexible set are listed as machines.
  const uniform = sets.filter((set) => set.orchestrationMode?.toLowerCase() !== 'flexible');
  const unseen = await Promise.all(uniform.map((set) => limit(() => listInstances(set, book, listing))));
  return [...missing, ...unseen.flat()];
}

/** Power states of all machines of the subscription; `null` when the account may only see the resource group. */
async function runtimeStatuses({ clients, group, fault }: Listing): Promise<ReadonlyMap<string, VirtualMachine> | null> {
  try {
    const all = await allPages(clients.compute.virtualMachines.listAll({ statusOnly: 'true' }));
    return byId(all);
  } catch (error) {
    if (group !== null && fault(error).kind === 'permission') return null;
    throw error;
  }
}

async function statusesOneByOne(machines: readonly VirtualMachine[], { clients }: Listing): Promise<ReadonlyMap<string, VirtualMachine>> {
  const limit = pLimit(atOnce);
  const seen = machines.map((machine) =>
    limit(async (): Promise<VirtualMachine> => {
      const group = groupOf(machine.id);
      if (group === null || machine.name === undefined) return machine;
      return { ...machine, instanceView: await clients.compute.virtualMachines.instanceView(group, machine.name) };
    }),
  );
  return byId(await Promise.all(seen));
}

function byId(machines: readonly VirtualMachine[]): ReadonlyMap<string, VirtualMachine> {
  return new Map(machines.flatMap((machine) => (machine.id === undefined ? [] : [[idKey(machine.id), machine]])));
}

/** NICs and public addresses may lie in other groups than their machine; a group we may not see leaves its machines without address. */
async function addForeignGroups(machines: readonly VirtualMachine[], book: AddressBook, listing: Listing): Promise<string[]> {
  const { network } = listing.clients;
  const nicIds = machines.flatMap((machine) => machine.networkProfile?.networkInterfaces?.flatMap(({ id }) => id ?? []) ?? []);
  const nicGroups = unknownGroups(
    nicIds.filter((id) => book.nic(id) === null),
    listing.group,
  );
  const noNics = await eachGroup(nicGroups, listing, async (group) => book.addNics(await allPages(network.networkInterfaces.list(group))));
  const publicGroups = unknownGroups(book.publicsOf(nicIds), listing.group);
  const noPublics = await eachGroup(publicGroups, listing, async (group) =>
    book.addPublics(await allPages(network.publicIPAddresses.list(group))),
  );
  return [...new Set([...noNics, ...noPublics])];
}

function unknownGroups(ids: readonly string[], own: string | null): readonly string[] {
  return [...new Set(ids.flatMap((id) => groupOf(id) ?? []))].filter((group) => group !== own?.toLowerCase());
}

async function eachGroup(groups: readonly string[], listing: Listing, read: (group: string) => Promise<void>): Promise<string[]> {
  const limit = pLimit(atOnce);
  const unseen = groups.map((group) => limit(() => unlessDenied(group, listing, () => read(group))));
  return (await Promise.all(unseen)).flat();
}

/** Name of the scale set when its instances could not be listed. */
function listInstances(set: VirtualMachineScaleSet, book: AddressBook, listing: Listing): Promise<string[]> {
  const [group, name] = [groupOf(set.id), set.name];
  if (group === null || name === undefined) return Promise.resolve([]);
  const { compute, network } = listing.clients;
  return unlessDenied(name.toLowerCase(), listing, async () => {
    const [instances, nics] = await Promise.all([
      allPages(compute.virtualMachineScaleSetVMs.list(group, name, { expand: 'instanceView' })),
      allPages(network.networkInterfaces.listVirtualMachineScaleSetNetworkInterfaces(group, name)),
    ]);
    book.addNics(nics);
    const nicIds = nics.flatMap(({ id }) => id ?? []);
    if (book.publicsOf(nicIds).length > 0) {
      book.addPublics(await allPages(network.publicIPAddresses.listVirtualMachineScaleSetPublicIPAddresses(group, name)));
    }
    for (const instance of instances) {
      const host = instanceHost(set, instance, book);
      if (host !== null) listing.found(host);
    }
  });
}

/** A part that is gone or that we may not see is named as missing; any other fault ends the whole listing. */
async function unlessDenied(scope: string, { fault }: Listing, read: () => Promise<void>): Promise<string[]> {
  try {
    await read();
    return [];
  } catch (error) {
    const { kind } = fault(error);
    if (kind === 'permission' || kind === 'not-found') return [scope];
    throw error;
  }
}
