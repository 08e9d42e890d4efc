import { OAuth2Client } from 'google-auth-library';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wallClock } from '../../src/demo/clock.ts';
import type { CloudHttp } from '../../src/demo/clouds/cloud-http.ts';
import { calmClouds, type CloudLevers } from '../../src/demo/clouds/cloud-levers.ts';
import { gceServer } from '../../src/demo/clouds/gce-server.ts';
import { type GceWorld, gceWorld } from '../../src/demo/clouds/gce-world.ts';
import { cloudMachine } from './cloud-machines.ts';

const compute: typeof import('@google-cloud/compute') = createRequire(import.meta.url)('@google-cloud/compute');

const project = 'demo-project';
const zone = 'us-central1-a';
const region = 'us-central1';
const noRetry = { autoPaginate: false, retry: null } as const;
const clock = wallClock();
let levers: CloudLevers;
let world: GceWorld;
let server: CloudHttp;

beforeEach(async () => {
  levers = calmClouds();
  const machines = [
    cloudMachine('web1', { labels: { role: 'web' }, tags: ['web'], publicAddress: '203.0.113.7' }),
    cloudMachine('web2', { zone: 'us-central1-b', labels: { role: 'web' }, privateAddress: '10.128.0.3' }),
    cloudMachine('nfs1', { labels: { role: 'nfs' }, privateAddress: '10.128.0.4' }),
    cloudMachine('old1', { power: 'stopped', publicAddress: '203.0.113.8' }),
  ];
  world = gceWorld(project, machines, [zone, 'us-central1-b', 'us-central1-c']);
  world.targetPools.set('web-pool', { region, instances: new Set(['web1', 'web2']) });
  world.groups.set('web-group', { zone, managed: false, instances: new Set(['web1']), version: 1 });
  world.endpointGroups.set('web-neg', {
    zone,
    defaultPort: 80,
    endpoints: [{ instance: 'web1', ipAddress: '10.128.0.2', port: 80, drainingSince: null }],
  });
  world.backendServices.set('web-service', { backends: new Map([['web-neg', { capacityScaler: 1 }]]), drainSeconds: 0.3, version: 1 });
  world.disks.set('nfs-data', { zone, sizeGb: 100 });
  server = gceServer({ world, token: 'stub', levers, clock, operationMs: 120, uploadMs: 200 });
  await server.start();
});

afterEach(async () => {
  await server.stop();
});

function options(token = 'stub') {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
  // The client's own google-auth-library may be another copy; only its shape matters.
  return { apiEndpoint: '127.0.0.1', port: Number(new URL(server.endpoint).port), protocol: 'http', authClient: Object(authClient) };
}

async function aggregated(request: { maxResults?: number; filter?: string; returnPartialSuccess?: boolean } = {}) {
  const client = new compute.InstancesClient(options());
  const names: string[] = [];
  const warnings: string[] = [];
  for await (const [scope, list] of client.aggregatedListAsync({ project, ...request }, noRetry)) {
    for (const instance of list.instances ?? []) names.push(`${scope}/${instance.name}`);
    if (list.warning?.code !== undefined && list.warning.code !== 'NO_RESULTS_ON_PAGE') warnings.push(`${scope} ${list.warning.code}`);
  }
  return { names, warnings };
}

describe('the demo’s Compute Engine, asked by the real SDK', () => {
  test('lists every instance of every zone over several pages, with addresses, labels and power', async () => {
    const { names } = await aggregated({ maxResults: 1 });
    expect(names.sort()).toEqual([
      'zones/us-central1-a/nfs1',
      'zones/us-central1-a/old1',
      'zones/us-central1-a/web1',
      'zones/us-central1-b/web2',
    ]);
    expect(server.calls.filter(({ url }) => url.includes('aggregated')).length).toBe(4);
    const client = new compute.InstancesClient(options());
    const [web1] = await client.get({ project, zone, instance: 'web1' });
    expect(web1.status).toBe('RUNNING');
    expect(web1.labels).toEqual({ role: 'web' });
    expect(web1.tags?.items).toEqual(['web']);
    expect(web1.networkInterfaces?.[0]?.networkIP).toBe('10.128.0.2');
    expect(web1.networkInterfaces?.[0]?.accessConfigs?.[0]?.natIP).toBe('203.0.113.7');
    const [old1] = await client.get({ project, zone, instance: 'old1' });
    expect(old1.status).toBe('TERMINATED');
    expect(old1.networkInterfaces?.[0]?.accessConfigs?.[0]?.natIP ?? null).toBe(null);
  });

  test('keeps to a filter by label, and refuses one it cannot read', async () => {
    expect((await aggregated({ filter: 'labels.role=web' })).names.sort()).toEqual([
      'zones/us-central1-a/web1',
      'zones/us-central1-b/web2',
    ]);
    expect((await aggregated({ filter: '(status=RUNNING) (labels.role:*)' })).names.length).toBe(3);
    await expect(aggregated({ filter: 'labels.role ~ web' })).rejects.toThrow('Invalid list filter expression');
  });

  test('names a zone that cannot be listed when a part is wanted, and fails when the whole is', async () => {
    levers.missingZone = 'us-central1-b';
    const { names, warnings } = await aggregated({ returnPartialSuccess: true });
    expect(names.length).toBe(3);
    expect(warnings).toEqual(['zones/us-central1-b UNREACHABLE']);
    await expect(aggregated()).rejects.toThrow('unreachable');
  });

  test('refuses an unknown token, a used-up quota and what is not there in Google’s words', async () => {
    await expect(new compute.InstancesClient(options('wrong')).get({ project, zone, instance: 'web1' }, noRetry)).rejects.toThrow(
      'invalid authentication credentials',
    );
    await expect(new compute.InstancesClient(options()).get({ project, zone, instance: 'nosuch' }, noRetry)).rejects.toThrow(
      `The resource 'projects/${project}/zones/${zone}/instances/nosuch' was not found`,
    );
    levers.throttled = true;
    const error: unknown = await aggregated().catch((thrown: unknown) => thrown);
    const body = JSON.parse(error instanceof Error && error.cause instanceof Error ? error.cause.message : '');
    expect(body.error.errors[0].reason).toBe('rateLimitExceeded');
    expect(body.error.code).toBe(403);
  });

  test('moves an instance out of a target pool and back by operations that end', async () => {
    const pools = new compute.TargetPoolsClient(options());
    const operations = new compute.RegionOperationsClient(options());
    const instance = `http://x/compute/v1/projects/${project}/zones/us-central1-b/instances/web2`;
    const [health] = await pools.getHealth({ project, region, targetPool: 'web-pool', instanceReferenceResource: { instance } });
    expect(health.healthStatus?.[0]?.healthState).toBe('HEALTHY');
    const [ordered] = await pools.removeInstance({
      project,
      region,
      targetPool: 'web-pool',
      targetPoolsRemoveInstanceRequestResource: { instances: [{ instance }] },
    });
    expect(ordered.latestResponse).toMatchObject({ status: 'PENDING' });
    expect(world.targetPools.get('web-pool')?.instances.has('web2')).toBe(true);
    const [done] = await operations.wait({ project, region, operation: ordered.name ?? '' });
    expect(done.status).toBe('DONE');
    const members = async () => {
      const [pool] = await pools.get({ project, region, targetPool: 'web-pool' });
      return pool.instances?.map((url) => url.replace(/^.*\//, ''));
    };
    expect(await members()).toEqual(['web1']);
    await pools.addInstance({
      project,
      region,
      targetPool: 'web-pool',
      targetPoolsAddInstanceRequestResource: { instances: [{ instance }] },
    });
    await expect.poll(members, { timeout: 5000 }).toEqual(['web1', 'web2']);
  });

  test('takes an order with the same request id once', async () => {
    const disks = new compute.DisksClient(options());
    const snapshots = new compute.SnapshotsClient(options());
    const requestId = '2f1a1a0e-6b2e-4a5c-9d3f-000000000001';
    const order = { project, zone, disk: 'nfs-data', snapshotResource: { name: 'nfs-data-1' }, requestId };
    const [first] = await disks.createSnapshot(order);
    const [second] = await disks.createSnapshot(order);
    expect(second.name).toBe(first.name);
    const { requestId: _, ...again } = order;
    await expect(disks.createSnapshot(again)).rejects.toThrow('already exists');
    const [creating] = await snapshots.get({ project, snapshot: 'nfs-data-1' });
    expect(creating.status).toBe('CREATING');
    expect(creating.storageBytes ?? null).toBe(null);
    await expect.poll(async () => (await snapshots.get({ project, snapshot: 'nfs-data-1' }))[0].status, { timeout: 5000 }).toBe('READY');
    const [listed] = await snapshots.list({ project, filter: 'sourceDisk eq .*/nfs-data$' }, noRetry);
    expect(listed.map(({ name, storageBytes }) => [name, Number(storageBytes) > 0])).toEqual([['nfs-data-1', true]]);
    const [deleting] = await snapshots.delete({ project, snapshot: 'nfs-data-1' });
    await new compute.GlobalOperationsClient(options()).wait({ project, operation: deleting.name ?? '' });
    await expect(snapshots.get({ project, snapshot: 'nfs-data-1' })).rejects.toThrow('was not found');
  });

  test('tells a failed operation by its error, and a managed group by its manager', async () => {
    const groups = new compute.InstanceGroupsClient(options());
    const web2 = { instance: `projects/${project}/zones/us-central1-b/instances/web2` };
    const [ordered] = await groups.removeInstances({
      project,
      zone,
      instanceGroup: 'web-group',
      instanceGroupsRemoveInstancesRequestResource: { instances: [web2] },
    });
    const [done] = await new compute.ZoneOperationsClient(options()).wait({ project, zone, operation: ordered.name ?? '' });
    expect(done.error?.errors?.[0]?.message).toContain('not a member');
    const managers = new compute.InstanceGroupManagersClient(options());
    await expect(managers.get({ project, zone, instanceGroupManager: 'web-group' })).rejects.toThrow('was not found');
  });

  test('drains an endpoint that is detached before it is gone, and guards a backend service by its fingerprint', async () => {
    const groups = new compute.NetworkEndpointGroupsClient(options());
    const list = async () => {
      const [items] = await groups.listNetworkEndpoints(
        {
          project,
          zone,
          networkEndpointGroup: 'web-neg',
          networkEndpointGroupsListEndpointsRequestResource: { healthStatus: 'SHOW' },
        },
        noRetry,
      );
      return items.map(({ healths }) => healths?.[0]?.healthState);
    };
    expect(await list()).toEqual(['HEALTHY']);
    const [ordered] = await groups.detachNetworkEndpoints({
      project,
      zone,
      networkEndpointGroup: 'web-neg',
      networkEndpointGroupsDetachEndpointsRequestResource: { networkEndpoints: [{ instance: 'web1', port: 80 }] },
    });
    await new compute.ZoneOperationsClient(options()).wait({ project, zone, operation: ordered.name ?? '' });
    expect(await list()).toEqual(['DRAINING']);
    await expect.poll(list, { timeout: 5000 }).toEqual([]);
    const services = new compute.BackendServicesClient(options());
    await expect(
      services.patch({ project, backendService: 'web-service', backendServiceResource: { fingerprint: 'c3RhbGU=' } }),
    ).rejects.toThrow('Invalid fingerprint');
  });
});
