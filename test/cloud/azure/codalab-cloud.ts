import { type Answer, type ArmServer, pathOf, root, type Seen, startArm } from './arm-server.ts';

const compute = 'providers/Microsoft.Compute';
const network = 'providers/Microsoft.Network';

export function nicId(group: string, name: string): string {
  return `${root}/resourceGroups/${group}/${network}/networkInterfaces/${name}`;
}

export function machineId(group: string, name: string): string {
  return `${root}/resourceGroups/${group}/${compute}/virtualMachines/${name}`;
}

function publicId(group: string, name: string): string {
  return `${root}/resourceGroups/${group}/${network}/publicIPAddresses/${name}`;
}

interface MachineShape {
  readonly name: string;
  readonly group?: string;
  readonly nics: readonly { readonly id: string; readonly primary?: boolean }[];
  readonly power?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly zones?: readonly string[];
}

function machine({ name, group = 'CODALAB', nics, tags, zones }: MachineShape): unknown {
  return {
    name,
    id: machineId(group, name),
    type: 'Microsoft.Compute/virtualMachines',
    location: 'westus2',
    ...(tags === undefined ? {} : { tags }),
    ...(zones === undefined ? {} : { zones }),
    properties: {
      vmId: `vm-${name}`,
      hardwareProfile: { vmSize: 'Standard_D4s_v3' },
      provisioningState: 'Succeeded',
      networkProfile: {
        networkInterfaces: nics.map(({ id, primary }) => ({ id, ...(primary === undefined ? {} : { properties: { primary } }) })),
      },
    },
  };
}

function status({ name, group = 'CODALAB', power }: MachineShape): unknown {
  const codes = ['ProvisioningState/succeeded', ...(power === undefined ? [] : [`PowerState/${power}`])];
  // The status list writes the ids in another case than the plain list does.
  const id = machineId(group, name).toUpperCase();
  return {
    name,
    id,
    location: 'westus2',
    properties: { vmId: `vm-${name}`, instanceView: { statuses: codes.map((code) => ({ code, level: 'Info' })) } },
  };
}

export function nic(group: string, name: string, address: string, publicAddress: string | null = null, vm: string | null = null): unknown {
  return {
    name,
    id: nicId(group, name),
    location: 'westus2',
    properties: {
      ...(vm === null ? {} : { virtualMachine: { id: machineId(group, vm) } }),
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${nicId(group, name)}/ipConfigurations/ipconfig1`,
          properties: {
            privateIPAddress: address,
            primary: true,
            privateIPAddressVersion: 'IPv4',
            ...(publicAddress === null ? {} : { publicIPAddress: { id: publicId(group, publicAddress).toLowerCase() } }),
          },
        },
      ],
    },
  };
}

function publicAddress(group: string, name: string, ipAddress: string | null): unknown {
  return { name, id: publicId(group, name), location: 'westus2', properties: ipAddress === null ? {} : { ipAddress } };
}

const machines: readonly MachineShape[] = [
  { name: 'vm-clws-prod-server-0', nics: [{ id: nicId('codalab', 'server-nic') }], power: 'running', tags: { owner: 'ops' }, zones: ['2'] },
  { name: 'vm-clws-prod-worker-0', nics: [{ id: nicId('net-rg', 'worker-nic') }], power: 'running' },
  { name: 'vm-clws-prod-mysql-0', nics: [{ id: nicId('codalab', 'mysql-nic') }], power: 'deallocated' },
  {
    name: 'vm-clws-dev-server-0',
    nics: [
      { id: nicId('codalab', 'second-nic'), primary: false },
      { id: nicId('codalab', 'first-nic'), primary: true },
    ],
    power: 'starting',
  },
];

const nics = [
  nic('codalab', 'server-nic', '10.0.0.4', 'server-ip'),
  nic('codalab', 'mysql-nic', '10.0.0.6', 'mysql-ip'),
  nic('codalab', 'first-nic', '10.0.0.4'),
  nic('codalab', 'second-nic', '10.9.0.4'),
];
const foreignNics = [nic('net-rg', 'worker-nic', '10.0.0.5')];
const publics = [publicAddress('codalab', 'server-ip', '52.1.2.3'), publicAddress('codalab', 'mysql-ip', null)];

const setId = `${root}/resourceGroups/CODALAB/${compute}/virtualMachineScaleSets/gpu`;
const sets = [
  {
    name: 'gpu',
    id: setId,
    location: 'westus2',
    tags: { pool: 'gpu' },
    sku: { name: 'Standard_NC6', capacity: 2 },
    properties: { orchestrationMode: 'Uniform' },
  },
  { name: 'flex', id: `${setId}x`, location: 'westus2', properties: { orchestrationMode: 'Flexible' } },
];
const setNics = [0, 1].map((index) => ({
  name: 'gpu-nic',
  id: `${setId}/virtualMachines/${index}/networkInterfaces/gpu-nic`,
  properties: {
    ipConfigurations: [
      {
        name: 'c',
        id: `${setId}/virtualMachines/${index}/networkInterfaces/gpu-nic/ipConfigurations/c`,
        properties: { privateIPAddress: `10.2.0.${index + 4}`, primary: true },
      },
    ],
  },
}));
const instances = [0, 1].map((index) => ({
  name: `gpu_${index}`,
  id: `${setId}/virtualMachines/${index}`,
  instanceId: String(index),
  location: 'westus2',
  properties: {
    provisioningState: 'Succeeded',
    networkProfile: { networkInterfaces: [{ id: `${setId}/virtualMachines/${index}/networkInterfaces/gpu-nic`.toLowerCase() }] },
    instanceView: { statuses: [{ code: index === 0 ? 'PowerState/running' : 'PowerState/stopped' }] },
  },
}));

/** A page of at most two, with the link to the next, as ARM gives it. */
function paged(base: string, request: Seen, items: readonly unknown[]): Answer {
  const url = new URL(request.url, base);
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  url.searchParams.set('$skiptoken', String(from + 2));
  return { body: { value: items.slice(from, from + 2), ...(from + 2 < items.length ? { nextLink: url.href } : {}) } };
}

type Other = (request: Seen) => Answer | null;

/** CodaLab's machines as Azure lists them, two a page; `before` may answer first. */
export async function startCodalab(before: Other = () => null): Promise<ArmServer> {
  let base = '';
  const server = await startArm((request) => {
    const special = before(request);
    if (special !== null) return special;
    const path = pathOf(request).toLowerCase();
    const list = (items: readonly unknown[]): Answer => paged(base, request, items);
    const within = (group: string | null, rest: string): string =>
      `${root}${group === null ? '' : `/resourcegroups/${group}`}/providers/${rest}`.toLowerCase();
    if (request.url.includes('statusOnly=true')) return list(machines.map(status));
    for (const group of [null, 'codalab']) {
      if (path === within(group, 'microsoft.compute/virtualmachines')) return list(machines.map(machine));
      if (path === within(group, 'microsoft.compute/virtualmachinescalesets')) return list(sets);
      if (path === within(group, 'microsoft.network/networkinterfaces')) return list(group === null ? [...nics, ...foreignNics] : nics);
      if (path === within(group, 'microsoft.network/publicipaddresses')) return list(publics);
    }
    if (path === within('net-rg', 'microsoft.network/networkinterfaces')) return list(foreignNics);
    if (path === within('codalab', 'microsoft.compute/virtualmachinescalesets/gpu/virtualmachines')) return list(instances);
    if (path === within('codalab', 'microsoft.compute/virtualmachinescalesets/gpu/networkinterfaces')) return list(setNics);
    return null;
  });
  base = server.base;
  return server;
}
