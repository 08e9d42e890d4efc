import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudAccess, CloudAnswer, CloudCall, CloudHost, CloudReadCall, CloudWriteCall } from '../../src/cloud/calls.ts';
import type { Cloud } from '../../src/cloud/cloud.ts';
import { createCloud } from '../../src/cloud/create-cloud.ts';
import { wallClock } from '../../src/demo/clock.ts';
import { azureServer } from '../../src/demo/clouds/azure-server.ts';
import { type AzureWorld, azureWorld } from '../../src/demo/clouds/azure-world.ts';
import type { CloudHttp } from '../../src/demo/clouds/cloud-http.ts';
import { calmClouds } from '../../src/demo/clouds/cloud-levers.ts';
import { gceServer } from '../../src/demo/clouds/gce-server.ts';
import { type GceWorld, gceWorld } from '../../src/demo/clouds/gce-world.ts';
import { azureMachine, cloudMachine } from './cloud-machines.ts';

const project = 'demo-project';
const subscription = '0f3c6a1e-0000-4000-8000-000000000001';
const zone = 'us-central1-a';
const wait = { deadlineMs: 15_000 };
const clock = wallClock();
const levers = calmClouds();

describe('the console’s own cloud child against the demo’s clouds', () => {
  let cloud: Cloud;
  let gce: GceWorld;
  let azure: AzureWorld;
  let servers: readonly [CloudHttp, CloudHttp];

  beforeAll(async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      cloudMachine(`web${index + 1}`, {
        zone: index % 2 === 0 ? zone : 'us-central1-b',
        tags: ['web'],
        labels: { ssh: `127.0.0.1:${20_000 + index}` },
      }),
    );
    gce = gceWorld(project, many, [zone, 'us-central1-b']);
    gce.targetPools.set('lb-tp', { region: 'us-central1', instances: new Set(['web1', 'web3']) });
    gce.disks.set('data', { zone, sizeGb: 100 });
    azure = azureWorld(subscription, 'westus2', [azureMachine('lb1', { labels: { role: 'lb' }, privateAddress: '10.1.0.4' })]);
    azure.balancers.set('edge-lb', {
      resourceGroup: 'edge',
      pools: new Map([['web', { addresses: [{ name: 'a', ipAddress: '10.1.0.4', adminState: 'None' }], version: 1, busy: false }]]),
      rules: new Map([['http', 'web']]),
    });
    servers = [
      gceServer({ world: gce, token: 'stub', levers, clock, operationMs: 150, uploadMs: 300 }),
      azureServer({ world: azure, token: 'stub', levers, clock, operationMs: 150 }),
    ];
    await Promise.all(servers.map((server) => server.start()));
    cloud = createCloud();
  });

  afterAll(async () => {
    await cloud.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const accessTo = (provider: 'gce' | 'azure', token = 'stub'): CloudAccess => ({
    provider,
    scope: { kind: 'literal', value: provider === 'gce' ? project : subscription },
    endpoint: servers[provider === 'gce' ? 0 : 1].endpoint,
    ca: null,
    token: { kind: 'literal', value: token },
  });
  const good = <Call extends CloudCall>(answer: CloudAnswer<Call>) => {
    if (!answer.ok) throw new Error(`${answer.error.kind}: ${answer.error.message}`);
    return answer.value;
  };
  const read = async <Call extends CloudReadCall>(provider: 'gce' | 'azure', call: Call) =>
    good(await cloud.read(accessTo(provider), call, wait));
  const write = async <Call extends CloudWriteCall>(provider: 'gce' | 'azure', call: Call) =>
    good(await cloud.write(accessTo(provider), call, wait));
  const everything = { call: 'hosts', zones: [], filter: null, resourceGroup: null } as const;

  test('a thousand GCE hosts come over two pages, with the label that holds the way in', async () => {
    const { hosts, missing } = await read('gce', everything);
    expect(missing).toEqual([]);
    expect(new Set(hosts.map(({ id }: CloudHost) => id)).size).toBe(1000);
    expect(hosts.find(({ name }: CloudHost) => name === 'web3')).toMatchObject({
      state: 'running',
      tags: ['web'],
      labels: { ssh: '127.0.0.1:20002' },
      zone,
    });
    expect(servers[0].calls.filter(({ url }) => url.includes('aggregated')).length).toBe(2);
  });

  test('hosts of a zone that is away are left out and the zone is named', async () => {
    levers.missingZone = 'us-central1-b';
    try {
      const { hosts, missing } = await read('gce', everything);
      expect(hosts.length).toBe(500);
      expect(missing).toEqual(['us-central1-b']);
    } finally {
      levers.missingZone = null;
    }
  });

  test('an Azure machine is listed with its power, address and tags', async () => {
    const { hosts } = await read('azure', everything);
    expect(hosts).toMatchObject([{ name: 'lb1', state: 'running', privateAddress: '10.1.0.4', labels: { role: 'lb' } }]);
  });

  test('an expired token is a matter of credentials, a used-up quota one of rate', async () => {
    levers.expired = true;
    const [gceExpired, azureExpired] = await Promise.all([
      cloud.read(accessTo('gce'), everything, { deadlineMs: 15_000 }),
      cloud.read(accessTo('azure'), everything, { deadlineMs: 15_000 }),
    ]);
    levers.expired = false;
    expect([gceExpired, azureExpired]).toMatchObject([{ error: { kind: 'credentials' } }, { error: { kind: 'credentials' } }]);
    levers.throttled = true;
    const [gceFull, azureFull] = await Promise.all([
      cloud.read(accessTo('gce'), everything, { deadlineMs: 8000 }),
      cloud.read(accessTo('azure'), everything, { deadlineMs: 8000 }),
    ]);
    levers.throttled = false;
    expect([gceFull, azureFull]).toMatchObject([{ error: { kind: 'rate' } }, { error: { kind: 'rate' } }]);
  }, 40_000);

  test('a member leaves a target pool and comes back', async () => {
    const pool = { kind: 'gce-target-pool', region: 'us-central1', pool: 'lb-tp' } as const;
    const member = { name: 'web1', zone, address: null };
    const before = await read('gce', { call: 'pool', pool });
    expect(before.members.map(({ name, state, health }) => [name, state, health])).toEqual([
      ['web1', 'in', 'up'],
      ['web3', 'in', 'up'],
    ]);
    await write('gce', { call: 'pool-out', pool, member, etag: before.etag });
    expect([...(gce.targetPools.get('lb-tp')?.instances ?? [])]).toEqual(['web3']);
    await write('gce', { call: 'pool-in', pool, member, etag: null, saved: {} });
    expect([...(gce.targetPools.get('lb-tp')?.instances ?? [])]).toEqual(['web3', 'web1']);
  });

  test('a member of an Azure pool is set Down, and a change by an old etag is a conflict', async () => {
    const pool = { kind: 'azure-lb', resourceGroup: 'edge', lb: 'edge-lb', backend: 'web' } as const;
    const member = { name: 'lb1', zone: null, address: '10.1.0.4' };
    const before = await read('azure', { call: 'pool', pool });
    expect(before.etag).not.toBe(null);
    await write('azure', { call: 'pool-out', pool, member, etag: before.etag });
    expect(azure.balancers.get('edge-lb')?.pools.get('web')?.addresses[0]?.adminState).toBe('Down');
    const stale = await cloud.write(accessTo('azure'), { call: 'pool-in', pool, member, etag: before.etag, saved: {} }, wait);
    expect(stale).toMatchObject({ ok: false, error: { kind: 'conflict' } });
  });

  test('a snapshot of a disk is ordered once, is being made, and then is ready with its size', async () => {
    const disk = { kind: 'gce-disk', zone, disk: 'data' } as const;
    const order = { call: 'snapshot-create', disk, name: 'data-1', requestId: '2f1a1a0e-6b2e-4a5c-9d3f-000000000001' } as const;
    await write('gce', order);
    await write('gce', order);
    const state = async () =>
      (await read('gce', { call: 'snapshots', disk })).snapshots.map((each) => [each.name, each.state, each.bytes !== null]);
    await expect.poll(state, { timeout: 8000 }).toEqual([['data-1', 'ready', true]]);
    await write('gce', { call: 'snapshot-delete', disk, name: 'data-1' });
    await expect.poll(state, { timeout: 8000 }).toEqual([]);
  });
});
