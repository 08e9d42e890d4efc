import * as z from 'zod';
import { notFound, sameWord } from './arm-answers.ts';
import type { ArmOperations } from './arm-operations.ts';
import { armId, type AzureBalancer, type AzurePool, type AzureWorld } from './azure-world.ts';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';

const wanted = z.object({
  properties: z.object({
    loadBalancerBackendAddresses: z.array(
      z.object({
        name: z.string(),
        properties: z.object({ ipAddress: z.string(), adminState: z.enum(['None', 'Up', 'Down']).default('None') }),
      }),
    ),
  }),
});

interface Found {
  readonly name: string;
  readonly balancer: AzureBalancer;
}

/** Load balancers: the balancer, its backend pools with etag and If-Match, the health of a rule. */
export function balancerRoutes(world: AzureWorld, operations: ArmOperations): Route[] {
  const path = `/subscriptions/${world.subscription}/resourceGroups/{group}/providers/Microsoft.Network/loadBalancers/{balancer}`;
  const balancerOf = (call: CloudCall): Found => {
    for (const [name, balancer] of world.balancers)
      if (sameWord(name, call.param('balancer')) && sameWord(balancer.resourceGroup, call.param('group'))) return { name, balancer };
    throw notFound(`Microsoft.Network/loadBalancers/${call.param('balancer')}`, call.param('group'));
  };
  const poolOf = (call: CloudCall): Found & { readonly poolName: string; readonly pool: AzurePool } => {
    const found = balancerOf(call);
    for (const [poolName, pool] of found.balancer.pools) if (sameWord(poolName, call.param('pool'))) return { ...found, poolName, pool };
    throw notFound(
      `Microsoft.Network/loadBalancers/${call.param('balancer')}/backendAddressPools/${call.param('pool')}`,
      call.param('group'),
    );
  };
  return [
    route('GET', path, (call) => {
      const { name, balancer } = balancerOf(call);
      return { body: balancerJson(world, name, balancer) };
    }),
    route('GET', `${path}/backendAddressPools`, (call) => {
      const { name, balancer } = balancerOf(call);
      return { body: { value: [...balancer.pools].map(([poolName, pool]) => poolJson(world, name, balancer, poolName, pool)) } };
    }),
    route('GET', `${path}/backendAddressPools/{pool}`, (call) => {
      const { name, balancer, poolName, pool } = poolOf(call);
      return { body: poolJson(world, name, balancer, poolName, pool) };
    }),
    route('PUT', `${path}/backendAddressPools/{pool}`, (call) => {
      const { name, balancer, poolName, pool } = poolOf(call);
      const { loadBalancerBackendAddresses: addresses } = call.body(wanted).properties;
      if (call.ifMatch !== null && call.ifMatch !== '*' && call.ifMatch !== etagOf(pool))
        throw new CloudFault(412, 'PreconditionFailed', `The condition '${call.ifMatch}' in the If-Match header was not satisfied.`);
      if (pool.busy)
        throw new CloudFault(409, 'AnotherOperationInProgress', 'Another operation on this or dependent resource is in progress.');
      pool.addresses = addresses.map((each) => ({ name: each.name, ...each.properties }));
      pool.version += 1;
      pool.busy = true;
      const headers = operations.begin(call, () => {
        pool.busy = false;
        return poolJson(world, name, balancer, poolName, pool);
      });
      return { body: poolJson(world, name, balancer, poolName, pool), headers };
    }),
    route('GET', `${path}/loadBalancingRules`, (call) => {
      const { name, balancer } = balancerOf(call);
      return { body: { value: rulesJson(world, name, balancer) } };
    }),
    route('POST', `${path}/loadBalancingRules/{rule}/health`, (call) => health(call, world, balancerOf(call), operations)),
  ];
}

/** The health of a rule is itself an operation: asked for, then fetched. */
function health(call: CloudCall, world: AzureWorld, { balancer }: Found, operations: ArmOperations): CloudReply {
  const [, poolName] = [...balancer.rules].find(([rule]) => sameWord(rule, call.param('rule'))) ?? [];
  const pool = balancer.pools.get(poolName ?? '');
  if (pool === undefined) throw notFound(`Microsoft.Network/loadBalancers/loadBalancingRules/${call.param('rule')}`, call.param('group'));
  const headers = operations.begin(call, () => {
    const members = [...world.machines, ...[...world.scaleSets.values()].flatMap(({ machines }) => [...machines.values()])];
    const addresses = pool.addresses.map(({ ipAddress, adminState }) => {
      const up =
        adminState === 'Up' ||
        (adminState !== 'Down' && members.find(({ privateAddress }) => privateAddress === ipAddress)?.healthy === true);
      return {
        ipAddress,
        state: up ? 'Up' : 'Down',
        reason: adminState === 'Down' ? 'Admin_Down' : up ? 'Up_Probe_Success' : 'Down_Probe_Failure',
      };
    });
    const up = addresses.filter(({ state }) => state === 'Up').length;
    return { up, down: addresses.length - up, loadBalancerBackendAddresses: addresses };
  });
  return { status: 202, body: null, headers: { location: headers['location'] ?? '' } };
}

function etagOf({ version }: AzurePool): string {
  return `W/"00000000-0000-4000-8000-${String(version).padStart(12, '0')}"`;
}

function poolJson(world: AzureWorld, name: string, balancer: AzureBalancer, poolName: string, pool: AzurePool): unknown {
  const id = `${armId(world, balancer.resourceGroup, `Microsoft.Network/loadBalancers/${name}`)}/backendAddressPools/${poolName}`;
  return {
    name: poolName,
    id,
    etag: etagOf(pool),
    type: 'Microsoft.Network/loadBalancers/backendAddressPools',
    properties: {
      provisioningState: pool.busy ? 'Updating' : 'Succeeded',
      loadBalancerBackendAddresses: pool.addresses.map(({ name: address, ...properties }) => ({ name: address, properties })),
      loadBalancingRules: [...balancer.rules]
        .filter(([, of]) => of === poolName)
        .map(([rule]) => ({
          id: `${armId(world, balancer.resourceGroup, `Microsoft.Network/loadBalancers/${name}`)}/loadBalancingRules/${rule}`,
        })),
    },
  };
}

function rulesJson(world: AzureWorld, name: string, balancer: AzureBalancer): unknown[] {
  const id = armId(world, balancer.resourceGroup, `Microsoft.Network/loadBalancers/${name}`);
  return [...balancer.rules].map(([rule, pool]) => ({
    name: rule,
    id: `${id}/loadBalancingRules/${rule}`,
    properties: {
      provisioningState: 'Succeeded',
      protocol: 'Tcp',
      frontendPort: 80,
      backendPort: 80,
      backendAddressPool: { id: `${id}/backendAddressPools/${pool}` },
    },
  }));
}

function balancerJson(world: AzureWorld, name: string, balancer: AzureBalancer): unknown {
  return {
    name,
    id: armId(world, balancer.resourceGroup, `Microsoft.Network/loadBalancers/${name}`),
    type: 'Microsoft.Network/loadBalancers',
    location: world.location,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      backendAddressPools: [...balancer.pools].map(([poolName, pool]) => poolJson(world, name, balancer, poolName, pool)),
      loadBalancingRules: rulesJson(world, name, balancer),
    },
  };
}
