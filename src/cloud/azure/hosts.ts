import type { VirtualMachine, VirtualMachineScaleSet, VirtualMachineScaleSetVM } from '@azure/arm-compute';
import type { CloudHost } from '../calls.ts';
import type { AddressBook } from './addresses.ts';
import { machineState } from './machine-state.ts';
import { groupOf } from './resource-id.ts';

/** A virtual machine as a host; `null` for one without id or name. `status`: the same machine as the status list gave it. */
export function machineHost(machine: VirtualMachine, status: VirtualMachine | null, book: AddressBook): CloudHost | null {
  const group = groupOf(machine.id);
  if (group === null || machine.name === undefined) return null;
  return {
    id: `${group}/${machine.name.toLowerCase()}`,
    name: machine.name,
    zone: zoneOf(machine.location, machine.zones),
    resourceGroup: group,
    state: machineState(status?.instanceView?.statuses ?? machine.instanceView?.statuses, machine.provisioningState),
    ...book.of(machine.networkProfile?.networkInterfaces ?? []),
    labels: machine.tags ?? {},
    tags: [],
  };
}

/** An instance of a scale set as a host; the set's tags are the instance's, unless that has its own. */
export function instanceHost(set: VirtualMachineScaleSet, instance: VirtualMachineScaleSetVM, book: AddressBook): CloudHost | null {
  const group = groupOf(instance.id) ?? groupOf(set.id);
  if (group === null || set.name === undefined || instance.instanceId === undefined) return null;
  return {
    id: `${group}/${set.name.toLowerCase()}/${instance.instanceId}`,
    name: instance.name ?? `${set.name}_${instance.instanceId}`,
    zone: zoneOf(instance.location ?? set.location, instance.zones),
    resourceGroup: group,
    state: machineState(instance.instanceView?.statuses, instance.provisioningState),
    ...book.of(instance.networkProfile?.networkInterfaces ?? []),
    labels: { ...set.tags, ...instance.tags },
    tags: [],
  };
}

/** `westeurope-2` of a machine in a zone, else its region. */
function zoneOf(location: string | undefined, zones: readonly string[] | undefined): string | null {
  const zone = zones?.[0];
  if (location === undefined) return null;
  return zone === undefined ? location : `${location}-${zone}`;
}
