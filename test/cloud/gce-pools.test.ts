import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CloudCall, CloudReadCall, CloudWriteCall } from '../../src/cloud/calls.ts';
import { createCloud } from '../../src/cloud/create-cloud.ts';
import { type AnsweringServer, type Asked, startAnswering, type Told } from './answering-server.ts';
import { gceAccess } from './asking.ts';
import { failure, instanceLink, link, operation } from './gce-answers.ts';

const deadlineMs = 15_000;
const cloud = createCloud();
let server: AnsweringServer;
/** `METHOD path-after-the-project` → the answer; whatever is not here is 404. */
let routes: Record<string, (asked: Asked) => Told> = {};

beforeAll(async () => {
  server = await startAnswering((asked) => {
    const route = routes[`${asked.method} ${asked.path.replace('/compute/v1/projects/paris-code/', '')}`];
    return route?.(asked) ?? { status: 404, body: failure(404, 'notFound', `The resource '${asked.path}' was not found`) };
  });
});
afterAll(async () => {
  await cloud.close();
  await server.stop();
});
beforeEach(() => {
  routes = {};
  server.asked.length = 0;
});

const read = <Call extends CloudReadCall>(call: Call) => cloud.read(gceAccess(server.url), call, { deadlineMs });
const write = <Call extends CloudWriteCall>(call: Call, forMs = deadlineMs) =>
  cloud.write(gceAccess(server.url), call, { deadlineMs: forMs });
const bodies = (part: string) => server.asked.filter(({ path }) => path.endsWith(part)).map(({ body }) => body);
const done = (place: string): Told => ({ body: operation(place, 'DONE') });

describe('a target pool', () => {
  const pool = { kind: 'gce-target-pool', region: 'us', pool: 'lb-tp' } as const;
  const at = 'regions/us/targetPools/lb-tp';
  const wait = 'POST regions/us/operations/operation-1700000000000-abc/wait';
  let instances: string[] = [];

  beforeEach(() => {
    instances = [instanceLink('us-a', 'web1'), instanceLink('us-b', 'web2'), instanceLink('us-b', 'web3')];
    routes = {
      [`GET ${at}`]: () => ({ body: { kind: 'compute#targetPool', name: 'lb-tp', instances, sessionAffinity: 'CLIENT_IP' } }),
      [`POST ${at}/getHealth`]: ({ body }) => {
        const name = JSON.stringify(body).match(/instances\/(\w+)/)?.[1];
        if (name === 'web3') return { status: 400, body: failure(400, 'invalid', 'web3 has no forwarding rule') };
        const status = {
          instance: instanceLink('us-a', name ?? ''),
          ipAddress: '34.1.1.1',
          port: 80,
          healthState: name === 'web1' ? 'HEALTHY' : 'UNHEALTHY',
        };
        return { body: { kind: 'compute#targetPoolInstanceHealth', healthStatus: [status] } };
      },
    };
  });

  test('is read with the health of each member; one whose health cannot be told hides no other', async () => {
    expect(await read({ call: 'pool', pool })).toEqual({
      ok: true,
      value: {
        members: [
          { name: 'web1', zone: 'us-a', address: null, state: 'in', health: 'up', text: 'HEALTHY', saved: { instance: instances[0] } },
          { name: 'web2', zone: 'us-b', address: null, state: 'in', health: 'down', text: 'UNHEALTHY', saved: { instance: instances[1] } },
          expect.objectContaining({ name: 'web3', state: 'in', health: 'unknown', text: expect.stringContaining('no forwarding rule') }),
        ],
        refusal: null,
        etag: null,
        warnings: ['clients are bound to members by CLIENT_IP: taking one out moves its clients'],
      },
    });
  });

  test('lets a member out, waits until the operation is done, and takes it back by the very name it had', async () => {
    let running = 2;
    routes[`POST ${at}/removeInstance`] = () => ({ body: operation(at, 'RUNNING') });
    routes[wait] = () => {
      running -= 1;
      if (running > 0) return { body: operation(at, 'RUNNING') };
      instances = instances.slice(1);
      return done(at);
    };
    const member = { name: 'web1', zone: 'us-a', address: null };
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({ ok: true, value: { changed: true } });
    expect(running).toBe(0);
    expect(bodies('removeInstance')).toEqual([{ instances: [{ instance: instanceLink('us-a', 'web1') }] }]);
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({ ok: true, value: { changed: false } });

    routes[`POST ${at}/addInstance`] = () => done(at);
    const saved = { instance: 'https://compute.example/old/zones/us-a/instances/web1' };
    expect(await write({ call: 'pool-in', pool, member, etag: null, saved })).toEqual({ ok: true, value: { changed: true } });
    expect(await write({ call: 'pool-in', pool, member, etag: null, saved: {} })).toEqual({ ok: true, value: { changed: true } });
    expect(bodies('addInstance')).toEqual([
      { instances: [{ instance: saved.instance }] },
      { instances: [{ instance: instanceLink('us-a', 'web1') }] },
    ]);
  });

  test('a change that the server could not take at once is sent again as the same request', async () => {
    let turn = 0;
    routes[`POST ${at}/removeInstance`] = () => {
      turn += 1;
      return turn === 1 ? { status: 503, raw: 'try later' } : done(at);
    };
    const member = { name: 'web1', zone: null, address: null };
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({ ok: true, value: { changed: true } });
    const ids = server.asked.filter(({ path }) => path.endsWith('removeInstance')).map(({ query }) => query.get('requestId'));
    expect(ids).toHaveLength(2);
    expect(new Set(ids)).toEqual(new Set([expect.stringMatching(/^[0-9a-f-]{36}$/)]));
  });

  test('an operation that ends with an error is a failure in its own words', async () => {
    const errors = [{ code: 'RESOURCE_NOT_READY', message: "The resource 'lb-tp' is not ready" }];
    routes[`POST ${at}/removeInstance`] = () => ({ body: operation(at, 'RUNNING') });
    routes[wait] = () => ({
      body: operation(at, 'DONE', { error: { errors }, httpErrorStatusCode: 400, httpErrorMessage: 'BAD REQUEST' }),
    });
    const answer = await write({ call: 'pool-out', pool, member: { name: 'web1', zone: 'us-a', address: null }, etag: null });
    const message = "Could not take web1 out of target pool lb-tp: The resource 'lb-tp' is not ready.";
    expect(answer).toEqual({ ok: false, error: { kind: 'conflict', message, uncertain: false } });
  });

  test('an operation that does not end in time leaves the outcome uncertain', async () => {
    routes[`POST ${at}/removeInstance`] = () => ({ body: operation(at, 'RUNNING') });
    routes[wait] = () => ({ body: operation(at, 'RUNNING') });
    const answer = await write({ call: 'pool-out', pool, member: { name: 'web1', zone: 'us-a', address: null }, etag: null }, 3000);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'deadline', uncertain: true } });
  });

  test('that does not exist is not found', async () => {
    const answer = await read({ call: 'pool', pool: { ...pool, pool: 'gone' } });
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'not-found', message: expect.stringContaining('Could not read target pool gone in us') },
    });
  });
});

describe('an instance group', () => {
  const pool = { kind: 'gce-instance-group', zone: 'us-a', group: 'web', backendService: 'bs' } as const;
  const at = 'zones/us-a/instanceGroups/web';
  const member = { name: 'web1', zone: 'us-a', address: null };

  beforeEach(() => {
    const entries = ['web1', 'web2', 'web3'].map((name) => ({
      instance: instanceLink('us-a', name),
      status: name === 'web3' ? 'TERMINATED' : 'RUNNING',
    }));
    const health = ['HEALTHY', 'UNHEALTHY'].map((healthState, index) => ({
      instance: instanceLink('us-a', `web${index + 1}`),
      port: 80,
      healthState,
    }));
    routes = {
      [`GET ${at}`]: () => ({ body: { kind: 'compute#instanceGroup', name: 'web', selfLink: link(at) } }),
      [`POST ${at}/listInstances`]: ({ query }) =>
        query.get('pageToken') === null
          ? { body: { items: entries.slice(0, 2), nextPageToken: 'p2' } }
          : { body: { items: entries.slice(2) } },
      'GET global/backendServices/bs': () => ({ body: { name: 'bs', connectionDraining: { drainingTimeoutSec: 0 } } }),
      'POST global/backendServices/bs/getHealth': () => ({ body: { kind: 'compute#backendServiceGroupHealth', healthStatus: health } }),
    };
  });

  test('is read on every page, with the health that the backend service sees', async () => {
    expect(await read({ call: 'pool', pool })).toMatchObject({
      ok: true,
      value: {
        members: [
          { name: 'web1', zone: 'us-a', state: 'in', health: 'up' },
          { name: 'web2', state: 'in', health: 'down' },
          { name: 'web3', state: 'in', health: 'down', text: 'TERMINATED' },
        ],
        refusal: null,
        warnings: ['backend service bs has no connection draining: requests under way are cut when a member leaves'],
      },
    });
    expect(bodies('getHealth')).toEqual([{ group: link(at) }]);
  });

  test('whose backend service cannot be read has members of unknown health', async () => {
    delete routes['POST global/backendServices/bs/getHealth'];
    expect(await read({ call: 'pool', pool })).toMatchObject({
      ok: true,
      value: { members: [{ health: 'unknown' }, { health: 'unknown' }, { health: 'down' }], warnings: [expect.stringContaining('bs')] },
    });
  });

  test('that is unmanaged lets members out and in', async () => {
    routes[`POST ${at}/removeInstances`] = () => done(at);
    routes[`POST ${at}/addInstances`] = () => done(at);
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({ ok: true, value: { changed: true } });
    expect(await write({ call: 'pool-in', pool, member: { ...member, name: 'web9' }, etag: null, saved: {} })).toEqual({
      ok: true,
      value: { changed: true },
    });
    expect(bodies('removeInstances')).toEqual([{ instances: [{ instance: instanceLink('us-a', 'web1') }] }]);
    expect(bodies('addInstances')).toEqual([{ instances: [{ instance: instanceLink('us-a', 'web9') }] }]);
  });

  test('that is managed, or may be, is refused with what to use instead', async () => {
    const managers = 'GET zones/us-a/instanceGroupManagers/web';
    routes[managers] = () => ({ body: { name: 'web', targetSize: 3 } });
    const refusal =
      'web is a managed instance group, which takes no existing VM back once it is out; use a pool of kind health-file, which fails the health check and lets the balancer drain the node.';
    expect(await read({ call: 'pool', pool })).toMatchObject({ ok: true, value: { refusal } });
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({
      ok: false,
      error: { kind: 'conflict', message: refusal, uncertain: false },
    });
    routes[managers] = () => ({ status: 403, body: failure(403, 'forbidden', "Required 'compute.instanceGroupManagers.get' permission") });
    expect(await read({ call: 'pool', pool })).toMatchObject({
      ok: true,
      value: { refusal: expect.stringContaining('compute.instanceGroupManagers.get') },
    });
    expect(bodies('removeInstances')).toEqual([]);
  });
});

describe('a zonal endpoint group', () => {
  const pool = { kind: 'gce-neg', zone: 'us-a', neg: 'web-neg', port: null, backendService: 'bs' } as const;
  const at = 'zones/us-a/networkEndpointGroups/web-neg';
  const endpoint = (name: string, port: number) => ({ instance: instanceLink('us-a', name), ipAddress: `10.0.0.${name.slice(3)}`, port });
  const health = (healthState: string, service = 'bs') => ({
    backendService: { backendService: link(`global/backendServices/${service}`) },
    healthState,
  });

  beforeEach(() => {
    const items = [
      { networkEndpoint: endpoint('web1', 80), healths: [health('HEALTHY'), health('UNHEALTHY', 'another')] },
      { networkEndpoint: endpoint('web1', 81), healths: [health('HEALTHY')] },
      { networkEndpoint: endpoint('web2', 80), healths: [health('DRAINING')] },
      { networkEndpoint: endpoint('web3', 80) },
    ];
    routes = { [`POST ${at}/listNetworkEndpoints`]: () => ({ body: { items } }) };
  });

  test('is read by instance, with draining told apart and only the health of its own backend service', async () => {
    expect(await read({ call: 'pool', pool })).toMatchObject({
      ok: true,
      value: {
        members: [
          { name: 'web1', zone: 'us-a', address: '10.0.0.1', state: 'in', health: 'up', text: 'HEALTHY' },
          { name: 'web2', state: 'draining', health: 'unknown', text: 'DRAINING' },
          { name: 'web3', state: 'in', health: 'unknown', text: null },
        ],
      },
    });
    expect(bodies('listNetworkEndpoints')).toEqual([{ healthStatus: 'SHOW' }]);
  });

  test('lets all endpoints of a member out, and takes the same ones back', async () => {
    routes[`POST ${at}/detachNetworkEndpoints`] = () => done(at);
    routes[`POST ${at}/attachNetworkEndpoints`] = () => done(at);
    const member = { name: 'web1', zone: 'us-a', address: '10.0.0.1' };
    const before = await read({ call: 'pool', pool });
    if (!before.ok) throw new Error(before.error.message);
    expect(await write({ call: 'pool-out', pool, member, etag: null })).toEqual({ ok: true, value: { changed: true } });
    const both = { networkEndpoints: [80, 81].map((port) => ({ ...endpoint('web1', port), instance: 'web1' })) };
    expect(bodies('detachNetworkEndpoints')).toMatchObject([both]);

    routes[`POST ${at}/listNetworkEndpoints`] = () => ({ body: {} });
    const saved = before.value.members[0]?.saved ?? {};
    expect(await write({ call: 'pool-in', pool, member, etag: null, saved })).toEqual({ ok: true, value: { changed: true } });
    expect(bodies('attachNetworkEndpoints')).toMatchObject([both]);
  });

  test('cannot take a member in whose port nobody knows', async () => {
    routes[`POST ${at}/listNetworkEndpoints`] = () => ({ body: {} });
    const answer = await write({ call: 'pool-in', pool, member: { name: 'web9', zone: 'us-a', address: null }, etag: null, saved: {} });
    expect(answer).toMatchObject({
      ok: false,
      error: { kind: 'not-found', message: expect.stringContaining('name it as `port` of the pool') },
    });
  });
});

describe('snapshots of a disk', () => {
  const disk = { kind: 'gce-disk', zone: 'us-a', disk: 'nfs-data' } as const;
  const ours = { 'created-by': 'quarterdeck' };
  const snapshot = (name: string, day: string, more: object = {}) => ({
    name,
    creationTimestamp: `2026-01-${day}T02:00:00.000-08:00`,
    status: 'READY',
    sourceDisk: link('zones/us-a/disks/nfs-data'),
    storageBytes: '1048576',
    ...more,
  });

  test('are listed newest first, without those of a disk of another zone', async () => {
    const items = [
      snapshot('old', '01'),
      snapshot('new', '03', { status: 'UPLOADING', storageBytes: '0' }),
      snapshot('elsewhere', '02', { sourceDisk: link('zones/us-b/disks/nfs-data') }),
    ];
    routes['GET global/snapshots'] = () => ({ body: { items } });
    expect(await read({ call: 'snapshots', disk })).toEqual({
      ok: true,
      value: {
        snapshots: [
          { name: 'new', at: Date.parse('2026-01-03T10:00:00Z'), state: 'creating', bytes: null, pct: null },
          { name: 'old', at: Date.parse('2026-01-01T10:00:00Z'), state: 'ready', bytes: 1_048_576, pct: 100 },
        ],
      },
    });
    expect(server.asked[0]?.query.get('filter')).toBe('sourceDisk eq ".*/zones/us-a/disks/nfs-data"');
  });

  test('are ordered with a mark that they are ours, and the order is the same when it is sent twice', async () => {
    let turn = 0;
    routes['POST global/snapshots'] = () => {
      turn += 1;
      return turn === 1 ? { status: 500, raw: '' } : { body: operation('global/snapshots', 'RUNNING') };
    };
    const requestId = randomUUID();
    const answer = await write({ call: 'snapshot-create', disk, name: 'nfs-data-1', requestId });
    expect(answer).toEqual({ ok: true, value: { name: 'nfs-data-1' } });
    const sent = server.asked.map(({ query, body }) => [query.get('requestId'), body]);
    const body = { name: 'nfs-data-1', sourceDisk: link('zones/us-a/disks/nfs-data'), labels: ours };
    expect(sent).toEqual([
      [requestId, body],
      [requestId, body],
    ]);
  });

  test('are deleted only when this program made them of this disk; one that is gone already is no failure', async () => {
    const wait = 'POST global/operations/operation-1700000000000-abc/wait';
    routes['GET global/snapshots/mine'] = () => ({ body: snapshot('mine', '01', { labels: ours }) });
    routes['GET global/snapshots/theirs'] = () => ({ body: snapshot('theirs', '01') });
    routes['DELETE global/snapshots/mine'] = () => ({ body: operation('global/snapshots/mine', 'RUNNING') });
    routes[wait] = () => done('global/snapshots/mine');
    expect(await write({ call: 'snapshot-delete', disk, name: 'mine' })).toEqual({ ok: true, value: { name: 'mine' } });
    expect(await write({ call: 'snapshot-delete', disk, name: 'gone' })).toEqual({ ok: true, value: { name: 'gone' } });
    const answer = await write({ call: 'snapshot-delete', disk, name: 'theirs' });
    const message = 'Snapshot theirs was not made of nfs-data by this program, so it is not deleted.';
    expect(answer).toEqual({ ok: false, error: { kind: 'conflict', message, uncertain: false } });
    expect(server.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual([
      '/compute/v1/projects/paris-code/global/snapshots/mine',
    ]);
  });
});

test('what belongs to another provider is refused', async () => {
  const call: CloudCall = { call: 'pool', pool: { kind: 'azure-lb', resourceGroup: 'g', lb: 'l', backend: 'b' } };
  expect(await read(call)).toMatchObject({ ok: false, error: { message: 'Google has no pool of kind azure-lb.' } });
});
