import { afterEach, expect, test } from 'vitest';
import type { CloudHost } from '../../../src/cloud/calls.ts';
import { createAzureCalls } from '../../../src/cloud/azure/azure-calls.ts';
import { type ArmServer, failure, pathOf, root, startArm, within } from './arm-server.ts';
import { startCodalab } from './codalab-cloud.ts';

const open: ArmServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(starting: Promise<ArmServer>): Promise<ArmServer> {
  const server = await starting;
  open.push(server);
  return server;
}

async function list(
  server: ArmServer,
  resourceGroup: string | null,
  ms = 10_000,
): Promise<{ hosts: CloudHost[]; missing: readonly string[] }> {
  const hosts: CloudHost[] = [];
  const call = { call: 'hosts' as const, zones: [], filter: null, resourceGroup };
  const { missing } = await createAzureCalls(server.session).hosts(call, within(ms), (host) => hosts.push(host));
  return { hosts, missing };
}

const byName = (hosts: readonly CloudHost[], name: string): CloudHost | undefined => hosts.find((host) => host.name === name);

test('every page is read, and a machine gets the addresses of its NIC whatever case the ids are written in', async () => {
  const server = await serve(startCodalab());
  const { hosts, missing } = await list(server, null);
  expect(missing).toEqual([]);
  expect(hosts.map((host) => host.id)).toEqual([
    'codalab/vm-clws-prod-server-0',
    'codalab/vm-clws-prod-worker-0',
    'codalab/vm-clws-prod-mysql-0',
    'codalab/vm-clws-dev-server-0',
    'codalab/gpu/0',
    'codalab/gpu/1',
  ]);
  expect(byName(hosts, 'vm-clws-prod-server-0')).toEqual({
    id: 'codalab/vm-clws-prod-server-0',
    name: 'vm-clws-prod-server-0',
    zone: 'westus2-2',
    resourceGroup: 'codalab',
    state: 'running',
    privateAddress: '10.0.0.4',
    publicAddress: '52.1.2.3',
    labels: { owner: 'ops' },
    tags: [],
  });
  const pages = server.seen.filter((request) => pathOf(request).endsWith('/virtualMachines') && request.url.includes('skiptoken'));
  expect(pages.length).toBeGreaterThanOrEqual(2);
  expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer stub-token')).toBe(true);
});

test('a deallocated machine is stopped, a starting one is being made, and one without public address has none', async () => {
  const { hosts } = await list(await serve(startCodalab()), null);
  expect(byName(hosts, 'vm-clws-prod-mysql-0')).toMatchObject({ state: 'stopped', privateAddress: '10.0.0.6', publicAddress: null });
  expect(byName(hosts, 'vm-clws-dev-server-0')?.state).toBe('provisioning');
  expect(byName(hosts, 'vm-clws-prod-worker-0')?.publicAddress).toBeNull();
});

test('two machines with the same private address stay two, and the primary NIC gives the address', async () => {
  const { hosts } = await list(await serve(startCodalab()), null);
  const same = hosts.filter((host) => host.privateAddress === '10.0.0.4');
  expect(same.map((host) => host.name)).toEqual(['vm-clws-prod-server-0', 'vm-clws-dev-server-0']);
});

test('instances of a scale set are hosts with their own state, address and the tags of the set', async () => {
  const { hosts } = await list(await serve(startCodalab()), null);
  expect(byName(hosts, 'gpu_0')).toMatchObject({
    id: 'codalab/gpu/0',
    state: 'running',
    privateAddress: '10.2.0.4',
    labels: { pool: 'gpu' },
  });
  expect(byName(hosts, 'gpu_1')).toMatchObject({ state: 'stopped', privateAddress: '10.2.0.5' });
});

test('with a resource group only that group is listed, and a NIC in another group is still found', async () => {
  const server = await serve(startCodalab());
  const { hosts, missing } = await list(server, 'codalab');
  expect(missing).toEqual([]);
  expect(byName(hosts, 'vm-clws-prod-worker-0')?.privateAddress).toBe('10.0.0.5');
  const machines = server.seen.filter(
    (request) => pathOf(request).endsWith('Microsoft.Compute/virtualMachines') && !request.url.includes('statusOnly'),
  );
  expect(machines.every((request) => request.url.includes('/resourceGroups/codalab/'))).toBe(true);
});

test('a group of NICs that may not be seen is named, and the machines are listed all the same', async () => {
  const denied = failure(403, 'AuthorizationFailed', 'The client does not have authorization.');
  const server = await serve(startCodalab((request) => (request.url.includes('net-rg') ? denied : null)));
  const { hosts, missing } = await list(server, 'codalab');
  expect(missing).toEqual(['net-rg']);
  expect(byName(hosts, 'vm-clws-prod-worker-0')).toMatchObject({ state: 'running', privateAddress: null });
});

test('an account that sees only its resource group asks each machine for its power state', async () => {
  const denied = failure(
    403,
    'AuthorizationFailed',
    "does not have authorization to perform action 'Microsoft.Compute/virtualMachines/read'",
  );
  const server = await serve(
    startCodalab((request) => {
      if (request.url.includes('statusOnly')) return denied;
      if (pathOf(request).endsWith('/instanceView')) return { body: { statuses: [{ code: 'PowerState/running' }] } };
      return null;
    }),
  );
  const { hosts } = await list(server, 'codalab');
  expect(byName(hosts, 'vm-clws-prod-mysql-0')?.state).toBe('running');
  expect(server.seen.filter((request) => pathOf(request).endsWith('/instanceView'))).toHaveLength(4);
});

test('a scale set whose instances are denied is missing, not empty', async () => {
  const denied = failure(403, 'AuthorizationFailed', 'no');
  const server = await serve(startCodalab((request) => (pathOf(request).endsWith('/gpu/virtualMachines') ? denied : null)));
  const { hosts, missing } = await list(server, null);
  expect(missing).toEqual(['gpu']);
  expect(hosts).toHaveLength(4);
});

test('a list whose next page is one already read ends with a sentence instead of going on for ever', async () => {
  const server: ArmServer = await serve(
    startArm((request) => ({ body: { value: [], nextLink: `${server.base}${pathOf(request)}?api-version=1&again=1` } })),
  );
  await expect(list(server, null)).rejects.toMatchObject({ kind: 'broken', message: expect.stringContaining('circle') });
});

test('a next page on another server is not followed, so that the token goes nowhere else', async () => {
  const other = await serve(startArm(() => ({ body: { value: [] } })));
  const server = await serve(startArm(() => ({ body: { value: [], nextLink: `${other.base}${root}/steal` } })));
  await expect(list(server, null)).rejects.toMatchObject({ kind: 'endpoint', message: expect.stringContaining('another server') });
  expect(other.seen).toEqual([]);
});

test('over plain HTTP the token is sent as well, because the fleet file names such an endpoint', async () => {
  const server = await serve(startArm(() => ({ body: { value: [] } }), 'plain'));
  await expect(list(server, null)).resolves.toEqual({ hosts: [], missing: [] });
  expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer stub-token')).toBe(true);
});
