import { afterEach, expect, test } from 'vitest';
import { parseFleet } from '../../src/config/parse-fleet.ts';
import { createProviders } from '../../src/inventory/create-providers.ts';
import { Inventory } from '../../src/inventory/inventory.ts';
import { type ArmServer, failure, pathOf } from '../cloud/azure/arm-server.ts';
import { startCodalab } from '../cloud/azure/codalab-cloud.ts';
import { testCloud } from '../cloud/asking.ts';

const servers: ArmServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** CodaLab's inventory through a real child process; one listing. */
async function listed(starting: Promise<ArmServer>): Promise<{ inventory: Inventory; server: ArmServer }> {
  const server = await starting;
  servers.push(server);
  const text = `fleet: codalab
environments: { prod: { match: { name: "^never$" } }, dev: { match: { name: "^never$" }, danger: false } }
inventory:
  - azure: { subscription: { env: SUBSCRIPTION }, resourceGroup: codalab, endpoint: "${server.base}", ca: "${server.session.ca}", token: { env: ARM_TOKEN } }
    name: '^vm-clws-(?<env>\\w+)-(?<role>\\w+)-(?<index>\\d+)$'
`;
  const env = { ...process.env, SUBSCRIPTION: server.session.scope, ARM_TOKEN: 'stub-token' };
  const result = parseFleet(text, 'codalab.yaml', '/home/ann', env);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  const inventory = new Inventory(createProviders(result.fleet, { cloud: testCloud({ env }), stateDir: null }), Date.now);
  await inventory.refreshAll();
  return { inventory, server };
}

test('CodaLab’s names give its machines their environment, role and index, by the real SDK in a child process', async () => {
  const { inventory, server } = await listed(startCodalab());
  expect(inventory.sources()).toMatchObject([{ ok: true, error: null, missing: [], hosts: 6 }]);
  expect(
    inventory
      .hosts()
      .map(({ name, env, role, labels, address, cloudState }) => ({ name, env, role, index: labels['index'], address, cloudState })),
  ).toEqual([
    { name: 'vm-clws-prod-server-0', env: 'prod', role: 'server', index: '0', address: '10.0.0.4', cloudState: 'running' },
    { name: 'vm-clws-prod-worker-0', env: 'prod', role: 'worker', index: '0', address: '10.0.0.5', cloudState: 'running' },
    { name: 'vm-clws-prod-mysql-0', env: 'prod', role: 'mysql', index: '0', address: '10.0.0.6', cloudState: 'stopped' },
    { name: 'vm-clws-dev-server-0', env: 'dev', role: 'server', index: '0', address: '10.0.0.4', cloudState: 'provisioning' },
    { name: 'gpu_0', env: 'default', role: null, index: undefined, address: '10.2.0.4', cloudState: 'running' },
    { name: 'gpu_1', env: 'default', role: null, index: undefined, address: '10.2.0.5', cloudState: 'stopped' },
  ]);
  expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer stub-token')).toBe(true);
});

test('expired credentials are one sentence of the source, and its last hosts stay', async () => {
  let expired = false;
  const { inventory } = await listed(
    startCodalab(() => (expired ? failure(401, 'ExpiredAuthenticationToken', 'The access token expired.') : null)),
  );
  expired = true;
  await inventory.refreshAll();
  expect(inventory.hosts()).toHaveLength(6);
  const [source] = inventory.sources();
  expect(source).toMatchObject({ ok: false });
  expect(source?.error).toContain('az login');
});

test('machines of a scale set that cannot be seen any more are kept and doubted', async () => {
  let denied = false;
  const { inventory } = await listed(
    startCodalab((request) =>
      denied && pathOf(request).endsWith('/gpu/virtualMachines') ? failure(403, 'AuthorizationFailed', 'no') : null,
    ),
  );
  denied = true;
  await inventory.refreshAll();
  expect(inventory.sources()[0]).toMatchObject({ ok: false, missing: ['gpu'] });
  expect(
    inventory
      .hosts()
      .filter(({ name }) => name.startsWith('gpu_'))
      .map(({ cloudState }) => cloudState),
  ).toEqual(['unknown', 'unknown']);
});
