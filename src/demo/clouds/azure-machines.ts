import { armPage, notFound, sameWord } from './arm-answers.ts';
import { armId, type AzureMachine, type AzureScaleSet, type AzureWorld } from './azure-world.ts';
import { type CloudCall, type Route, route } from './cloud-call.ts';
import { type CloudMachine, uuidOf } from './cloud-machine.ts';

/** Virtual machines with their power, network interfaces and public addresses; scale sets with theirs. */
export function machineRoutes(world: AzureWorld, pageSize: number): Route[] {
  const whole = `/subscriptions/${world.subscription}/providers`;
  const part = `/subscriptions/${world.subscription}/resourceGroups/{group}/providers`;
  const compute = 'Microsoft.Compute';
  const inGroup = (call: CloudCall): AzureMachine[] =>
    world.machines.filter(({ resourceGroup }) => call.param('group') === '' || sameWord(resourceGroup, call.param('group')));
  const list = (path: string, json: (machine: AzureMachine, call: CloudCall) => unknown): Route[] =>
    [whole, part].map((prefix) =>
      route('GET', `${prefix}/${path}`, (call) =>
        armPage(
          call,
          inGroup(call)
            .map((machine) => json(machine, call))
            .filter((each) => each !== null),
          pageSize,
        ),
      ),
    );
  const sets = (call: CloudCall): [string, AzureScaleSet][] =>
    [...world.scaleSets].filter(([, { resourceGroup }]) => call.param('group') === '' || sameWord(resourceGroup, call.param('group')));
  const setOf = (call: CloudCall): [string, AzureScaleSet] => {
    const found = sets(call).find(([name]) => sameWord(name, call.param('set')));
    if (found === undefined) throw notFound(`${compute}/virtualMachineScaleSets/${call.param('set')}`, call.param('group'));
    return found;
  };
  const inSet = `${part}/${compute}/virtualMachineScaleSets/{set}`;
  return [
    ...list(`${compute}/virtualMachines`, (machine, call) =>
      machineJson(world, machine, call.query.get('statusOnly') === 'true' || call.query.get('$expand') === 'instanceView'),
    ),
    ...list('Microsoft.Network/networkInterfaces', (machine) => interfaceJson(world, machine)),
    ...list('Microsoft.Network/publicIPAddresses', (machine) => publicJson(world, machine)),
    route('GET', `${part}/${compute}/virtualMachines/{machine}`, (call) => {
      const found = inGroup(call).find(({ name }) => sameWord(name, call.param('machine')));
      if (found === undefined) throw notFound(`${compute}/virtualMachines/${call.param('machine')}`, call.param('group'));
      return { body: machineJson(world, found, call.query.get('$expand') === 'instanceView') };
    }),
    ...[whole, part].map((prefix) =>
      route('GET', `${prefix}/${compute}/virtualMachineScaleSets`, (call) =>
        armPage(
          call,
          sets(call).map(([name, set]) => setJson(world, name, set)),
          pageSize,
        ),
      ),
    ),
    route('GET', `${inSet}/virtualMachines`, (call) => {
      const [name, set] = setOf(call);
      const expanded = call.query.get('$expand') === 'instanceView';
      return armPage(
        call,
        [...set.machines].map(([id, machine]) => memberJson(world, name, set, id, machine, expanded)),
        pageSize,
      );
    }),
    route('GET', `${inSet}/networkInterfaces`, (call) => {
      const [name, set] = setOf(call);
      return armPage(
        call,
        [...set.machines].map(([id, machine]) => memberInterface(world, name, set, id, machine)),
        pageSize,
      );
    }),
    route('GET', `${inSet}/publicipaddresses`, (call) => armPage(call, [], pageSize)),
  ];
}

/** With `expanded` the run-time status alone is added, as `statusOnly` and `$expand=instanceView` do. */
function machineJson(world: AzureWorld, machine: AzureMachine, expanded: boolean): unknown {
  const { name, resourceGroup } = machine;
  return {
    name,
    // ARM gives the resource group back in whatever case it was asked to make the machine with.
    id: armId(world, resourceGroup.toUpperCase(), `Microsoft.Compute/virtualMachines/${name}`),
    type: 'Microsoft.Compute/virtualMachines',
    location: world.location,
    tags: machine.labels,
    zones: [machine.zone.slice(world.location.length + 1)],
    properties: {
      vmId: uuidOf(`${resourceGroup}/${name}`),
      provisioningState: 'Succeeded',
      hardwareProfile: { vmSize: 'Standard_B2s' },
      storageProfile: { osDisk: { osType: 'Linux', name: `${name}-os`, createOption: 'FromImage', diskSizeGB: 30 } },
      osProfile: { computerName: name, adminUsername: 'ops' },
      networkProfile: {
        networkInterfaces: [
          { id: armId(world, resourceGroup, `Microsoft.Network/networkInterfaces/${name}-nic`), properties: { primary: true } },
        ],
      },
      timeCreated: new Date(machine.bootedAt - 86_400_000 * 60).toISOString(),
      ...(expanded ? { instanceView: { computerName: name, statuses: statuses(machine) } } : {}),
    },
  };
}

function statuses(machine: CloudMachine): unknown {
  const running = machine.power === 'running';
  return [
    { code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded' },
    {
      code: `PowerState/${running ? 'running' : 'deallocated'}`,
      level: 'Info',
      displayStatus: running ? 'VM running' : 'VM deallocated',
    },
  ];
}

function interfaceJson(world: AzureWorld, machine: AzureMachine): unknown {
  const { name, resourceGroup } = machine;
  const id = armId(world, resourceGroup, `Microsoft.Network/networkInterfaces/${name}-nic`);
  return {
    name: `${name}-nic`,
    id,
    type: 'Microsoft.Network/networkInterfaces',
    location: world.location,
    properties: {
      provisioningState: 'Succeeded',
      primary: true,
      virtualMachine: { id: armId(world, resourceGroup, `Microsoft.Compute/virtualMachines/${name}`) },
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${id}/ipConfigurations/ipconfig1`,
          properties: {
            primary: true,
            privateIPAddress: machine.privateAddress,
            privateIPAllocationMethod: 'Dynamic',
            privateIPAddressVersion: 'IPv4',
            ...(machine.publicAddress === null
              ? {}
              : { publicIPAddress: { id: armId(world, resourceGroup, `Microsoft.Network/publicIPAddresses/${name}-ip`) } }),
          },
        },
      ],
    },
  };
}

/** A machine that is deallocated keeps the resource and loses the address. */
function publicJson(world: AzureWorld, machine: AzureMachine): unknown {
  const { name, resourceGroup } = machine;
  if (machine.publicAddress === null) return null;
  return {
    name: `${name}-ip`,
    id: armId(world, resourceGroup, `Microsoft.Network/publicIPAddresses/${name}-ip`),
    type: 'Microsoft.Network/publicIPAddresses',
    location: world.location,
    properties: {
      provisioningState: 'Succeeded',
      publicIPAllocationMethod: 'Dynamic',
      publicIPAddressVersion: 'IPv4',
      ...(machine.power === 'running' ? { ipAddress: machine.publicAddress } : {}),
      ipConfiguration: { id: armId(world, resourceGroup, `Microsoft.Network/networkInterfaces/${name}-nic/ipConfigurations/ipconfig1`) },
    },
  };
}

function setJson(world: AzureWorld, name: string, set: AzureScaleSet): unknown {
  return {
    name,
    id: armId(world, set.resourceGroup.toUpperCase(), `Microsoft.Compute/virtualMachineScaleSets/${name}`),
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    location: world.location,
    sku: { name: 'Standard_B2s', tier: 'Standard', capacity: set.machines.size },
    properties: { provisioningState: 'Succeeded', orchestrationMode: 'Uniform', singlePlacementGroup: true },
  };
}

function memberJson(world: AzureWorld, setName: string, set: AzureScaleSet, id: string, machine: CloudMachine, expanded: boolean): unknown {
  const base = armId(world, set.resourceGroup, `Microsoft.Compute/virtualMachineScaleSets/${setName}/virtualMachines/${id}`);
  return {
    name: `${setName}_${id}`,
    id: base,
    instanceId: id,
    type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
    location: world.location,
    tags: machine.labels,
    zones: [machine.zone.slice(world.location.length + 1)],
    properties: {
      latestModelApplied: true,
      vmId: uuidOf(base),
      provisioningState: 'Succeeded',
      osProfile: { computerName: machine.name, adminUsername: 'ops' },
      networkProfile: { networkInterfaces: [{ id: `${base}/networkInterfaces/nic`, properties: { primary: true } }] },
      ...(expanded ? { instanceView: { statuses: statuses(machine) } } : {}),
    },
  };
}

function memberInterface(world: AzureWorld, setName: string, set: AzureScaleSet, id: string, machine: CloudMachine): unknown {
  const base = armId(world, set.resourceGroup, `Microsoft.Compute/virtualMachineScaleSets/${setName}/virtualMachines/${id}`);
  return {
    name: 'nic',
    id: `${base}/networkInterfaces/nic`,
    properties: {
      provisioningState: 'Succeeded',
      primary: true,
      virtualMachine: { id: base },
      ipConfigurations: [
        {
          name: 'ipconfig1',
          id: `${base}/networkInterfaces/nic/ipConfigurations/ipconfig1`,
          properties: { primary: true, privateIPAddress: machine.privateAddress, privateIPAddressVersion: 'IPv4' },
        },
      ],
    },
  };
}
