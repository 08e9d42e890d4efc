import { ComputeManagementClient } from '@azure/arm-compute';
import { NetworkManagementClient } from '@azure/arm-network';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wallClock } from '../../src/demo/clock.ts';
import { azureServer } from '../../src/demo/clouds/azure-server.ts';
import { type AzureWorld, armId, azureWorld } from '../../src/demo/clouds/azure-world.ts';
import type { CloudHttp } from '../../src/demo/clouds/cloud-http.ts';
import { calmClouds, type CloudLevers } from '../../src/demo/clouds/cloud-levers.ts';
import { azureMachine, cloudMachine } from './cloud-machines.ts';

const subscription = '0f3c6a1e-0000-4000-8000-000000000001';
const quick = { updateIntervalInMs: 20 };
const clock = wallClock();
let levers: CloudLevers;
let world: AzureWorld;
let server: CloudHttp;

beforeEach(async () => {
  levers = calmClouds();
  world = azureWorld(subscription, 'westus2', [
    azureMachine('lb1', { privateAddress: '10.1.0.4', publicAddress: '203.0.113.9', labels: { role: 'lb' } }),
    azureMachine('worker1', { resourceGroup: 'jobs', privateAddress: '10.1.0.5', power: 'stopped', publicAddress: '203.0.113.10' }),
    azureMachine('worker2', { resourceGroup: 'jobs', privateAddress: '10.1.0.6' }),
  ]);
  world.scaleSets.set('pool', { resourceGroup: 'jobs', machines: new Map([['0', cloudMachine('pool000000', { zone: 'westus2-2' })]]) });
  world.balancers.set('edge-lb', {
    resourceGroup: 'edge',
    pools: new Map([
      [
        'web',
        {
          addresses: [
            { name: 'a', ipAddress: '10.1.0.4', adminState: 'None' as const },
            { name: 'b', ipAddress: '10.1.0.6', adminState: 'None' as const },
          ],
          version: 1,
          busy: false,
        },
      ],
    ]),
    rules: new Map([['http', 'web']]),
  });
  world.disks.set('data', { resourceGroup: 'jobs', sizeGb: 64 });
  server = azureServer({ world, token: 'stub', levers, clock, operationMs: 100, pageSize: 2 });
  await server.start();
});

afterEach(async () => {
  await server.stop();
});

/** A client over plain HTTP: its own policy for tokens refuses that, so another puts the token in. */
function opened<Client extends ComputeManagementClient | NetworkManagementClient>(
  make: (credential: { getToken(): Promise<{ token: string; expiresOnTimestamp: number }> }, options: object) => Client,
  token: string,
): Client {
  const client = make(
    { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    { endpoint: server.endpoint, allowInsecureConnection: true, retryOptions: { maxRetries: 0 } },
  );
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  client.pipeline.addPolicy({
    name: 'token',
    sendRequest: (request, next) => {
      request.headers.set('authorization', `Bearer ${token}`);
      return next(request);
    },
  });
  return client;
}

const compute = (token = 'stub') => opened((credential, options) => new ComputeManagementClient(credential, subscription, options), token);
const network = (token = 'stub') => opened((credential, options) => new NetworkManagementClient(credential, subscription, options), token);

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of pages) found.push(each);
  return found;
}

describe('the demo’s Azure, asked by the real SDKs', () => {
  test('lists machines over several pages, of all groups or of one', async () => {
    const machines = await all(compute().virtualMachines.listAll());
    expect(machines.map(({ name }) => name)).toEqual(['lb1', 'worker1', 'worker2']);
    expect(machines[0]?.tags).toEqual({ role: 'lb' });
    expect(server.calls.filter(({ url }) => url.includes('skiptoken')).length).toBe(1);
    expect((await all(compute().virtualMachines.list('JOBS'))).map(({ name }) => name)).toEqual(['worker1', 'worker2']);
  });

  test('tells the power of machines in the second list, by the id of the first in another case', async () => {
    const statuses = await all(compute().virtualMachines.listAll({ statusOnly: 'true' }));
    expect(statuses.map(({ instanceView }) => instanceView?.statuses?.at(-1)?.code)).toEqual([
      'PowerState/running',
      'PowerState/deallocated',
      'PowerState/running',
    ]);
  });

  test('joins machines, interfaces and public addresses by their ids; a stopped machine has no public address', async () => {
    const [machine] = await all(compute().virtualMachines.listAll());
    const interfaces = await all(network().networkInterfaces.listAll());
    const addresses = await all(network().publicIPAddresses.listAll());
    const wanted = machine?.networkProfile?.networkInterfaces?.[0]?.id?.toLowerCase();
    const found = interfaces.find(({ id }) => id?.toLowerCase() === wanted);
    expect(found?.ipConfigurations?.[0]?.privateIPAddress).toBe('10.1.0.4');
    const publicId = found?.ipConfigurations?.[0]?.publicIPAddress?.id;
    expect(addresses.map(({ id, ipAddress }) => [id === publicId, ipAddress])).toEqual([
      [true, '203.0.113.9'],
      [false, undefined],
    ]);
  });

  test('lists the machines of a scale set with their power and addresses', async () => {
    const [set] = await all(compute().virtualMachineScaleSets.listAll());
    expect(set?.name).toBe('pool');
    const [member] = await all(compute().virtualMachineScaleSetVMs.list('jobs', 'pool', { expand: 'instanceView' }));
    expect(member?.instanceId).toBe('0');
    expect(member?.instanceView?.statuses?.at(-1)?.code).toBe('PowerState/running');
    const [found] = await all(network().networkInterfaces.listVirtualMachineScaleSetNetworkInterfaces('jobs', 'pool'));
    expect(found?.virtualMachine?.id?.toLowerCase()).toBe(member?.id?.toLowerCase());
  });

  test('sets one member of a pool Down, refuses a second writer who read before, and tells the health of a rule', async () => {
    const pools = network().loadBalancerBackendAddressPools;
    const before = await pools.get('edge', 'edge-lb', 'web');
    const [first, second] = before.loadBalancerBackendAddresses ?? [];
    const changed = { ...before, loadBalancerBackendAddresses: [{ ...first, adminState: 'Down' }, { ...second }] };
    const ifMatch = { ...quick, requestOptions: { headers: { 'If-Match': before.etag ?? '' } } };
    const after = await pools.createOrUpdate('edge', 'edge-lb', 'web', changed, ifMatch);
    expect(after.provisioningState).toBe('Succeeded');
    expect(after.loadBalancerBackendAddresses?.map(({ adminState }) => adminState)).toEqual(['Down', 'None']);
    await expect(pools.createOrUpdate('edge', 'edge-lb', 'web', changed, ifMatch)).rejects.toMatchObject({ statusCode: 412 });
    const health = await network().loadBalancerLoadBalancingRules.health('edge', 'edge-lb', 'http', quick);
    expect(health.loadBalancerBackendAddresses?.map(({ ipAddress, state }) => [ipAddress, state])).toEqual([
      ['10.1.0.4', 'Down'],
      ['10.1.0.6', 'Up'],
    ]);
  });

  test('makes a snapshot that is ready after a while, once for the same order', async () => {
    const { snapshots } = compute();
    const sourceResourceId = armId(world, 'jobs', 'Microsoft.Compute/disks/data');
    const order = { location: 'westus2', creationData: { createOption: 'Copy', sourceResourceId }, incremental: true };
    const pending = snapshots.createOrUpdate('jobs', 'data-1', order, quick);
    await expect.poll(() => world.snapshots.get('data-1')?.state, { timeout: 5000 }).toBe('Creating');
    const made = await pending;
    expect(made.provisioningState).toBe('Succeeded');
    await snapshots.createOrUpdate('jobs', 'data-1', order, quick);
    expect((await all(snapshots.listByResourceGroup('jobs'))).map(({ name }) => name)).toEqual(['data-1']);
    await snapshots.delete('jobs', 'data-1', quick);
    await expect(snapshots.get('jobs', 'data-1')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
  });

  test('refuses an expired token, and a caller over its quota with the seconds to wait', async () => {
    await expect(all(compute('wrong').virtualMachines.listAll())).rejects.toMatchObject({ statusCode: 401 });
    levers.throttled = true;
    const error: unknown = await all(compute().virtualMachines.listAll()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ statusCode: 429, code: 'TooManyRequests' });
    expect(server.calls.at(-1)?.status).toBe(429);
  });
});
