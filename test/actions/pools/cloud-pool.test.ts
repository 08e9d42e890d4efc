import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cloudPool } from '../../../src/actions/pools/kinds/cloud-pool.ts';
import { poolKinds } from '../../../src/actions/pools/pool-kinds.ts';
import { cloudAccessOf } from '../../../src/cloud/access.ts';
import type { CloudAccess, CloudAnswer, CloudPoolMember, CloudPoolReading, CloudReadCall, CloudReader } from '../../../src/cloud/calls.ts';
import { readPool } from '../../../src/probe/pools/read-pool.ts';
import { fleetOf } from '../../config/fixture.ts';
import { PoolBench, refusalOf } from '../../probe/pools/bench.ts';

/** A cloud that answers one reading, and remembers how it was asked. */
class SaidCloud implements CloudReader {
  readonly asked: { readonly access: CloudAccess; readonly call: CloudReadCall }[] = [];
  answer: CloudAnswer<Extract<CloudReadCall, { call: 'pool' }>> = {
    ok: false,
    error: { kind: 'other', message: 'nothing yet', uncertain: false },
  };

  says(reading: Partial<CloudPoolReading>): void {
    this.answer = { ok: true, value: { members: [], refusal: null, etag: null, warnings: [], ...reading } };
  }

  read<Call extends CloudReadCall>(access: CloudAccess, call: Call): Promise<CloudAnswer<Call>> {
    this.asked.push({ access, call });
    return Promise.resolve(this.answer as CloudAnswer<Call>);
  }
}

const cloudMember = (name: string, change: Partial<CloudPoolMember> = {}): CloudPoolMember => ({
  name,
  zone: 'us-central1-a',
  address: null,
  state: 'in',
  health: 'up',
  text: 'HEALTHY',
  saved: {},
  ...change,
});

const inventory = [
  { gce: { project: 'paris-code', zones: ['us-central1-a'] }, role: { web: 'tag:web' } },
  { static: [{ name: 'h0', address: '127.0.0.1', role: 'web' }] },
];
const pools = {
  target: { kind: 'gce-target-pool', pool: 'lb-tp', region: 'us-central1', members: { role: 'web' } },
  group: { kind: 'gce-instance-group', group: 'webs', zone: 'us-central1-a', backend_service: 'bs', members: { role: 'web' } },
  neg: { kind: 'gce-neg', neg: 'webs', zone: 'us-central1-a', port: 8080, members: { role: 'web' } },
};

describe('a pool in a cloud', () => {
  let bench: PoolBench;
  let cloud: SaidCloud;

  beforeEach(() => {
    bench = new PoolBench(
      [
        { name: 'web1', zone: 'us-central1-a', address: '10.0.0.1' },
        { name: 'web2', zone: 'us-central1-a', address: '10.0.0.2' },
      ],
      pools,
      { inventory },
    );
    cloud = new SaidCloud();
    bench.cloud = cloud;
  });
  afterEach(() => bench.stop());

  test('is read as it is called there, through the access of the inventory source', async () => {
    cloud.says({});
    for (const name of ['target', 'group', 'neg']) await bench.read(name);
    expect(cloud.asked.map(({ call }) => ('pool' in call ? call.pool : null))).toEqual([
      { kind: 'gce-target-pool', region: 'us-central1', pool: 'lb-tp' },
      { kind: 'gce-instance-group', zone: 'us-central1-a', group: 'webs', backendService: 'bs' },
      { kind: 'gce-neg', zone: 'us-central1-a', neg: 'webs', port: 8080, backendService: null },
    ]);
    expect(cloud.asked[0]?.access).toEqual({
      provider: 'gce',
      scope: { kind: 'literal', value: 'paris-code' },
      endpoint: null,
      ca: null,
      token: null,
    });
  });

  test('knows its members by name and zone, else by address, and who is not listed is out', async () => {
    cloud.says({
      members: [cloudMember('web1'), cloudMember('other', { address: '10.0.0.2' })],
      warnings: ['one \u001b[31mzone is missing'],
    });
    const reading = await bench.read('target');
    expect(reading).toMatchObject({ error: null, warnings: ['one \\x1b[31mzone is missing'] });
    expect(reading.members).toMatchObject([
      { server: 'web1', state: 'in', health: 'up', text: 'HEALTHY' },
      { server: 'other', state: 'in' },
    ]);
    cloud.says({ members: [cloudMember('web1', { zone: 'europe-west1-b' })] });
    expect((await bench.read('target')).members).toMatchObject([
      { server: null, state: 'out', text: 'not a member' },
      { server: null, state: 'out' },
    ]);
    cloud.says({ members: [cloudMember('a', { address: '10.0.0.1' }), cloudMember('b', { address: '10.0.0.1' })] });
    expect((await bench.read('target')).members).toMatchObject([
      { state: 'unknown', text: '2 members of the pool fit it' },
      { state: 'out' },
    ]);
  });

  test('is unknown with the sentence of the cloud when it could not be read', async () => {
    cloud.answer = { ok: false, error: { kind: 'credentials', message: 'run gcloud auth \u001b[2J', uncertain: false } };
    expect(await bench.read('target')).toMatchObject({
      error: 'run gcloud auth \\x1b[2J',
      members: [{ state: 'unknown' }, { state: 'unknown' }],
    });
    expect(refusalOf(cloudPool.drain(bench.driverContext(), await bench.target('web1', 'target')))).toContain('was not read');
  });

  test('is changed by a planned call that says itself in words, with the version just read and with what was saved', async () => {
    cloud.says({ members: [cloudMember('web1', { saved: { weight: 7 } }), cloudMember('web2')], etag: 'e1' });
    const before = await bench.target('web1', 'target');
    const access = cloud.asked[0]?.access;
    expect(poolKinds[before.spec.kind].hosts(bench.driverContext(), before)).toEqual([]);
    const out = cloudPool.drain(bench.driverContext(), before);
    expect(out).toEqual({
      kind: 'commands',
      warnings: [],
      commands: [
        {
          hostId: 'static/web1',
          hostName: 'web1',
          purpose: 'change',
          command: 'take web1 (us-central1-a) out of target pool lb-tp in us-central1',
          bare: 'take web1 (us-central1-a) out of target pool lb-tp in us-central1',
          sudo: { kind: 'no' },
          deadlineMs: 300_000,
          cloud: {
            access,
            call: {
              call: 'pool-out',
              pool: { kind: 'gce-target-pool', region: 'us-central1', pool: 'lb-tp' },
              member: { name: 'web1', zone: 'us-central1-a', address: '10.0.0.1' },
              etag: 'e1',
            },
          },
        },
      ],
    });
    cloud.says({ members: [cloudMember('web2')], etag: 'e2' });
    const back = cloudPool.restore(bench.driverContext(), await bench.target('web1', 'target'), before.member.saved);
    expect(back).toMatchObject({
      commands: [
        {
          command: 'put web1 (us-central1-a) back into target pool lb-tp in us-central1',
          cloud: { call: { call: 'pool-in', member: { name: 'web1', zone: 'us-central1-a' }, etag: 'e2', saved: { weight: 7 } } },
        },
      ],
    });
    expect(JSON.stringify(back)).not.toContain('e1');
  });

  test('is not changed where the cloud knows no way back, with its reason', async () => {
    const refusal = 'webs is a managed instance group, which takes no machine back; use a health file';
    cloud.says({ members: [cloudMember('web1')], refusal });
    expect((await bench.read('group')).warnings).toEqual([refusal]);
    for (const change of [cloudPool.drain, cloudPool.force])
      expect(refusalOf(change(bench.driverContext(), await bench.target('web1', 'group')))).toBe(refusal);
    expect(refusalOf(cloudPool.restore(bench.driverContext(), await bench.target('web2', 'group'), {}))).toBe(refusal);
  });

  test('counts the connections that the member itself has, and is draining while there are more than may be left', async () => {
    const spec = { ...bench.spec('target'), drain: { ports: [80], atMost: 2, timeoutMs: 1000 } };
    cloud.says({ members: [cloudMember('web2')] });
    bench.path = `${bench.home('web1')}:${process.env['PATH']}`;
    writeFileSync(join(bench.home('web1'), 'ss'), '#!/bin/sh\necho head\necho 1; echo 2; echo 3\n', { mode: 0o755 });
    const read = async () => (await readPool(spec, bench.context())).members;
    expect(await read()).toMatchObject([
      { state: 'draining', connections: 3 },
      { state: 'in', connections: 3 },
    ]);
    bench.away.add('web1');
    expect(await read()).toMatchObject([
      { state: 'out', connections: null },
      { state: 'in', connections: 3 },
    ]);
  });
});

describe('the access to a cloud', () => {
  const text = (sources: readonly unknown[], pool: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ fleet: 'f', inventory: [...sources, inventory[1]], pools: { web: { members: { role: 'web' }, ...pool } } });
  const access = (sources: readonly unknown[], pool: Readonly<Record<string, unknown>>, env: Readonly<Record<string, string>> = {}) => {
    const fleet = fleetOf(text(sources, pool), 'f.yaml', env);
    const [spec] = fleet.pools;
    if (spec === undefined) throw new Error('no pool');
    return cloudAccessOf(fleet, spec);
  };
  const target = { kind: 'gce-target-pool', pool: 'p', region: 'us-central1' };
  const lb = { kind: 'azure-lb', lb: 'front', backend: 'webs' };
  const gce = (project: string, more: Readonly<Record<string, unknown>> = {}) => ({ gce: { project, ...more } });
  const azure = (group: unknown, subscription = 's') => ({ azure: { subscription, ...(group === null ? {} : { resourceGroup: group }) } });

  test('names the line that the fleet file lacks', () => {
    expect(access([], target)).toEqual({
      ok: false,
      why: 'pools.web lies in Google Cloud, and f.yaml lists no source "- gce: { project: … }" under inventory',
    });
    expect(access([], lb)).toEqual({
      ok: false,
      why: 'pools.web lies in Azure, and f.yaml lists no source "- azure: { subscription: … }" under inventory',
    });
    expect(access([gce('a'), gce('b')], target)).toEqual({
      ok: false,
      why: 'pools.web needs "project: …" in f.yaml: the inventory lists several Google Cloud projects',
    });
    expect(access([azure(null)], lb)).toEqual({
      ok: false,
      why: 'pools.web needs "resourceGroup: …" in f.yaml: no Azure source of the inventory names one that can be read',
    });
    expect(access([azure('a'), azure('b')], lb)).toMatchObject({ ok: false, why: expect.stringContaining('the inventory lists several') });
  });

  test('is that of the source whose project, zone or resource group it is, with its endpoint and token', () => {
    const scope = (value: string) => ({ ok: true, access: { scope: { kind: 'literal', value } } });
    expect(access([gce('a', { zones: ['europe-west1-b'] }), gce('b', { zones: ['us-central1-a'] })], target)).toMatchObject(scope('b'));
    expect(access([gce('a'), gce('b', { endpoint: 'https://private' })], { ...target, project: 'b' })).toMatchObject({
      ok: true,
      access: { scope: { value: 'b' }, endpoint: 'https://private' },
    });
    expect(access([gce('a')], { ...target, project: 'other' })).toMatchObject(scope('other'));
    expect(access([azure('A', 'one'), azure('b', 'two')], { ...lb, resourceGroup: 'B' })).toMatchObject({
      ...scope('two'),
      resourceGroup: 'B',
    });
    const named = [azure({ env: 'GROUP' })];
    expect(() => access(named, lb)).toThrow('export GROUP=VALUE');
    process.env['GROUP'] = 'from-env';
    expect(access(named, lb, { GROUP: 'from-env' })).toMatchObject({ ok: true, resourceGroup: 'from-env' });
    delete process.env['GROUP'];
  });
});
