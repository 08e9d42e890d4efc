import { afterEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createAzureCalls } from '../../../src/cloud/azure/azure-calls.ts';
import type { CloudMember } from '../../../src/cloud/calls.ts';
import { type Answer, type ArmServer, failure, pathOf, root, type Seen, startArm, within } from './arm-server.ts';
import { nic, nicId } from './codalab-cloud.ts';

const place = { kind: 'azure-lb', resourceGroup: 'codalab', lb: 'front', backend: 'web' } as const;
const lbPath = `${root}/resourceGroups/codalab/providers/Microsoft.Network/loadBalancers/front`;
const web2: CloudMember = { name: 'web2', zone: null, address: '10.0.0.12' };

const servers: ArmServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const entrySchema = z.object({
  name: z.string(),
  properties: z.looseObject({ ipAddress: z.string().optional(), adminState: z.string().optional() }),
});
const poolSchema = z.looseObject({ properties: z.looseObject({ loadBalancerBackendAddresses: z.array(entrySchema).optional() }) });
type Pool = z.infer<typeof poolSchema>;

function addressPool(): Pool {
  return {
    properties: {
      drainPeriodInSeconds: 30,
      virtualNetwork: { id: `${root}/resourceGroups/codalab/providers/Microsoft.Network/virtualNetworks/net` },
      loadBalancerBackendAddresses: [
        { name: 'web1-entry', properties: { ipAddress: '10.0.0.11' } },
        { name: 'web2-entry', properties: { ipAddress: '10.0.0.12', adminState: 'None' } },
        { name: 'web3-entry', properties: { ipAddress: '10.0.0.13', adminState: 'Up' } },
      ],
      loadBalancingRules: [{ id: `${lbPath}/loadBalancingRules/http` }, { id: `${lbPath}/loadBalancingRules/https` }],
    },
  };
}

function nicPool(): Pool {
  const config = (name: string): string => `${nicId('NET-RG', name)}/ipConfigurations/ipconfig1`;
  return { properties: { backendIPConfigurations: [{ id: config('nic-a') }, { id: config('nic-b') }] } };
}

interface Balancer {
  readonly server: ArmServer;
  readonly calls: ReturnType<typeof createAzureCalls>;
  pool: Pool;
  version: number;
  readonly puts: () => readonly Seen[];
}

/** A balancer that keeps its pool and its version, and whose changes take one more look to end. */
async function balancer(pool: Pool, before: (request: Seen, state: Balancer) => Answer | null = () => null): Promise<Balancer> {
  const health = (states: Readonly<Record<string, string>>): Answer => ({
    body: { up: 0, down: 0, loadBalancerBackendAddresses: Object.entries(states).map(([ipAddress, state]) => ({ ipAddress, state })) },
  });
  const answer = (request: Seen): Answer | null => {
    const special = before(request, state);
    if (special !== null) return special;
    const path = pathOf(request);
    const etag = `W/"${state.version}"`;
    if (path.endsWith('/loadBalancingRules/http/health')) {
      return { status: 202, headers: { location: `${state.server.base}${path}/result?api-version=1`, 'retry-after': '0' }, body: '' };
    }
    if (path.endsWith('/http/health/result')) return health({ '10.0.0.11': 'Up', '10.0.0.12': 'Up' });
    if (path.endsWith('/loadBalancingRules/https/health')) return health({ '10.0.0.11': 'Up', '10.0.0.12': 'Down' });
    if (path.endsWith('/networkInterfaces'))
      return { body: { value: [nic('net-rg', 'nic-a', '10.0.0.21', null, 'web-a'), nic('net-rg', 'nic-b', '10.0.0.22', null, 'web-b')] } };
    if (path.endsWith('/operations/1')) return { body: { status: 'Succeeded' } };
    if (path !== `${lbPath}/backendAddressPools/web`) return null;
    if (request.method === 'PUT') {
      if (request.headers['if-match'] !== etag)
        return failure(412, 'PreconditionFailed', 'Precondition failed. Etag provided in if-match header does not match.');
      state.pool = poolSchema.parse(JSON.parse(request.body));
      state.version += 1;
      const headers = { 'azure-asyncoperation': `${state.server.base}${lbPath}/operations/1?api-version=1`, 'retry-after': '0' };
      return { status: 201, headers, body: { name: 'web', ...state.pool } };
    }
    return { body: { name: 'web', id: path, etag, ...state.pool } };
  };
  const server = await startArm(answer);
  servers.push(server);
  const state: Balancer = {
    server,
    calls: createAzureCalls(server.session),
    pool,
    version: 1,
    puts: () => server.seen.filter(({ method }) => method === 'PUT'),
  };
  return state;
}

describe('a pool filled by addresses', () => {
  test('shows each address with its admin state and what all rules together say of its health', async () => {
    const { calls } = await balancer(addressPool());
    const reading = await calls.pool({ call: 'pool', pool: place }, within(10_000));
    expect(reading).toMatchObject({ refusal: null, etag: 'W/"1"', warnings: [] });
    expect(reading.members).toEqual([
      { name: 'web1-entry', zone: null, address: '10.0.0.11', state: 'in', health: 'up', text: null, saved: { adminState: 'None' } },
      { name: 'web2-entry', zone: null, address: '10.0.0.12', state: 'in', health: 'down', text: null, saved: { adminState: 'None' } },
      expect.objectContaining({ name: 'web3-entry', state: 'in', health: 'unknown', text: 'admin state Up: its probes are ignored' }),
    ]);
  });

  test('a member is taken out by Down under If-Match, all else written back as it was, and put back by None', async () => {
    const state = await balancer(addressPool());
    const out = await state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: 'W/"1"' }, within(10_000));
    expect(out).toEqual({ changed: true });
    expect(state.puts().map(({ headers }) => headers['if-match'])).toEqual(['W/"1"']);
    const expected = addressPool().properties.loadBalancerBackendAddresses?.map((entry) =>
      entry.name === 'web2-entry' ? { ...entry, properties: { ...entry.properties, adminState: 'Down' } } : entry,
    );
    expect(state.pool.properties.loadBalancerBackendAddresses).toEqual(expected);
    expect(state.pool.properties).toMatchObject({ drainPeriodInSeconds: 30, virtualNetwork: addressPool().properties['virtualNetwork'] });

    const reading = await state.calls.pool({ call: 'pool', pool: place }, within(10_000));
    expect(reading.members[1]).toMatchObject({ state: 'out', saved: { adminState: 'Down' } });

    const back = { call: 'pool-in' as const, pool: place, member: web2, etag: reading.etag, saved: { adminState: 'Up' } };
    expect(await state.calls['pool-in'](back, within(10_000))).toEqual({ changed: true });
    expect(state.pool.properties.loadBalancerBackendAddresses?.[1]?.properties.adminState).toBe('None');
  });

  test('taking out what is out already changes nothing and sends nothing', async () => {
    const pool = addressPool();
    const state = await balancer({
      properties: {
        ...pool.properties,
        loadBalancerBackendAddresses: [{ name: 'web2', properties: { ipAddress: '10.0.0.12', adminState: 'Down' } }],
      },
    });
    expect(await state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: null }, within(10_000))).toEqual({
      changed: false,
    });
    expect(state.puts()).toEqual([]);
  });

  test('a pool that changed since it was read is not written', async () => {
    const state = await balancer(addressPool());
    state.version = 7;
    const refused = state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: 'W/"1"' }, within(10_000));
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', uncertain: false });
    expect(state.puts()).toEqual([]);
  });

  test('a pool that changes between reading and writing is refused by Azure itself, and the sentence says what to do', async () => {
    const state = await balancer(addressPool(), (request, now) => {
      if (request.method === 'PUT') now.version += 1;
      return null;
    });
    const refused = state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: 'W/"1"' }, within(10_000));
    await expect(refused).rejects.toMatchObject({
      kind: 'conflict',
      uncertain: false,
      message: expect.stringContaining('look at it again'),
    });
    expect(state.puts()).toHaveLength(1);
    expect(state.pool).toEqual(addressPool());
  });

  test('a change whose answer was lost and whose repetition is refused may have happened', async () => {
    let lost = false;
    const state = await balancer(addressPool(), (request, now) => {
      if (request.method !== 'PUT' || lost) return null;
      lost = true;
      now.version += 1;
      return failure(503, 'ServiceUnavailable', 'try later', { 'retry-after': '0' });
    });
    const refused = state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: 'W/"1"' }, within(10_000));
    await expect(refused).rejects.toMatchObject({ kind: 'conflict', uncertain: true });
    expect(state.puts()).toHaveLength(2);
  });

  test('a host that is no member is named, and two entries for one address are not guessed at', async () => {
    const state = await balancer(addressPool());
    const stranger = { name: 'web9', zone: null, address: '10.0.0.99' };
    const unknown = state.calls['pool-out']({ call: 'pool-out', pool: place, member: stranger, etag: null }, within(10_000));
    await expect(unknown).rejects.toMatchObject({ kind: 'not-found', message: expect.stringContaining('web9 (10.0.0.99)') });
    state.pool.properties.loadBalancerBackendAddresses?.push({ name: 'twin', properties: { ipAddress: '10.0.0.12' } });
    const twins = state.calls['pool-out']({ call: 'pool-out', pool: place, member: web2, etag: null }, within(10_000));
    await expect(twins).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('2 entries') });
    expect(state.puts()).toEqual([]);
  });

  test('health that may not be read is unknown and said, and the members are shown all the same', async () => {
    const { calls } = await balancer(addressPool(), (request) =>
      request.method === 'POST' ? failure(403, 'AuthorizationFailed', 'no') : null,
    );
    const reading = await calls.pool({ call: 'pool', pool: place }, within(10_000));
    expect(reading.members.map(({ health }) => health)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(reading.warnings).toEqual([expect.stringContaining('health of its members cannot be read')]);
  });
});

describe('a pool filled by network interfaces', () => {
  test('shows its members by the machines of their NICs, and says why none can be taken out', async () => {
    const { calls } = await balancer(nicPool());
    const reading = await calls.pool({ call: 'pool', pool: place }, within(10_000));
    expect(reading.members.map(({ name, address, state }) => ({ name, address, state }))).toEqual([
      { name: 'web-a', address: '10.0.0.21', state: 'in' },
      { name: 'web-b', address: '10.0.0.22', state: 'in' },
    ]);
    expect(reading.refusal).toContain('network interfaces');
  });

  test('refuses to take a member out, and writes nothing', async () => {
    const state = await balancer(nicPool());
    const member = { name: 'web-a', zone: null, address: '10.0.0.21' };
    const refused = state.calls['pool-out']({ call: 'pool-out', pool: place, member, etag: null }, within(10_000));
    await expect(refused).rejects.toMatchObject({ kind: 'other', message: expect.stringContaining('network interfaces') });
    expect(state.puts()).toEqual([]);
  });

  test('an entry known by its interface only is not written back, as the API would lose it', async () => {
    const state = await balancer({
      properties: {
        loadBalancerBackendAddresses: [
          {
            name: 'bare',
            properties: { networkInterfaceIPConfiguration: { id: `${nicId('net-rg', 'nic-a')}/ipConfigurations/ipconfig1` } },
          },
        ],
      },
    });
    const reading = await state.calls.pool({ call: 'pool', pool: place }, within(10_000));
    expect(reading.members).toEqual([expect.objectContaining({ name: 'web-a', address: '10.0.0.21' })]);
    expect(reading.refusal).toContain('bare');
  });
});
