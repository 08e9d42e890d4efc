import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { createAzureCalls } from '../../../src/cloud/azure/azure-calls.ts';
import { type Answer, type ArmServer, pathOf, root, type Seen, startArm, within } from './arm-server.ts';

const group = `${root}/resourceGroups/codalab/providers/Microsoft.Compute`;
const disk = { kind: 'azure-disk', resourceGroup: 'codalab', disk: 'mysql-data' } as const;
const diskPath = `${group}/disks/mysql-data`;

const servers: ArmServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const properties = z.looseObject({
  creationData: z.object({ createOption: z.string(), sourceResourceId: z.string() }),
  incremental: z.boolean().optional(),
  provisioningState: z.string().optional(),
  completionPercent: z.number().optional(),
  diskSizeBytes: z.number().optional(),
  timeCreated: z.string().optional(),
});
const snapshotSchema = z.looseObject({ location: z.string(), tags: z.record(z.string(), z.string()).optional(), properties });
type Kept = z.infer<typeof snapshotSchema>;

function snapshot(source: string, at: string, more: Partial<Kept['properties']>): Kept {
  return {
    location: 'westus2',
    properties: { creationData: { createOption: 'Copy', sourceResourceId: source }, timeCreated: at, ...more },
  };
}

async function store(kept: Record<string, Kept>): Promise<{ calls: ReturnType<typeof createAzureCalls>; server: ArmServer }> {
  const answer = (request: Seen): Answer | null => {
    const path = pathOf(request);
    const name = path.split('/').at(-1) ?? '';
    if (path === diskPath) return { body: { name: 'mysql-data', id: diskPath, location: 'westus2', properties: {} } };
    if (path === `${group}/snapshots`)
      return { body: { value: Object.entries(kept).map(([name, one]) => ({ name, id: `${path}/${name}`, ...one })) } };
    if (request.method === 'PUT') {
      const taken = snapshotSchema.parse(JSON.parse(request.body));
      kept[name] = { ...taken, properties: { ...taken.properties, provisioningState: 'Creating', timeCreated: '2026-03-04T05:06:07Z' } };
      const headers = { 'azure-asyncoperation': `${server.base}${group}/operations/1?api-version=1`, 'retry-after': '60' };
      return { status: 202, headers, body: { name, ...kept[name] } };
    }
    if (request.method === 'DELETE') {
      delete kept[name];
      return { status: 200, body: '' };
    }
    return null;
  };
  const server: ArmServer = await startArm(answer);
  servers.push(server);
  return { calls: createAzureCalls(server.session), server };
}

test('snapshots of one disk are listed newest first, ready only when their data is whole', async () => {
  const { calls } = await store({
    old: snapshot(diskPath.toUpperCase(), '2026-01-01T00:00:00Z', { provisioningState: 'Succeeded', diskSizeBytes: 1024 }),
    copying: snapshot(diskPath, '2026-01-02T00:00:00Z', { provisioningState: 'Succeeded', completionPercent: 42 }),
    broken: snapshot(diskPath, '2026-01-03T00:00:00Z', { provisioningState: 'Failed' }),
    other: snapshot(`${group}/disks/web-data`, '2026-01-04T00:00:00Z', { provisioningState: 'Succeeded' }),
  });
  const { snapshots } = await calls.snapshots({ call: 'snapshots', disk }, within(10_000));
  expect(snapshots).toEqual([
    { name: 'broken', at: Date.UTC(2026, 0, 3), state: 'failed', bytes: null, pct: null },
    { name: 'copying', at: Date.UTC(2026, 0, 2), state: 'creating', bytes: null, pct: 42 },
    { name: 'old', at: Date.UTC(2026, 0, 1), state: 'ready', bytes: 1024, pct: 100 },
  ]);
});

test('a snapshot is ordered as an incremental copy in the region of its disk, without waiting until it is made', async () => {
  const kept: Record<string, Kept> = {};
  const { calls } = await store(kept);
  const order = { call: 'snapshot-create' as const, disk, name: 'q-1', requestId: 'a2b8f3f4-0000-4000-8000-000000000001' };
  await expect(calls['snapshot-create'](order, within(5_000))).resolves.toEqual({ name: 'q-1' });
  expect(kept['q-1']).toMatchObject({
    location: 'westus2',
    properties: { incremental: true, creationData: { createOption: 'Copy', sourceResourceId: diskPath } },
  });
});

test('the same order given twice takes one snapshot, and another order of that name is refused', async () => {
  const { calls, server } = await store({});
  const order = { call: 'snapshot-create' as const, disk, name: 'q-1', requestId: 'a2b8f3f4-0000-4000-8000-000000000001' };
  await calls['snapshot-create'](order, within(5_000));
  await calls['snapshot-create'](order, within(5_000));
  expect(server.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  const other = calls['snapshot-create']({ ...order, requestId: 'a2b8f3f4-0000-4000-8000-000000000002' }, within(5_000));
  await expect(other).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('not written over') });
});

test('a snapshot is deleted only when it is one of this disk', async () => {
  const kept = {
    mine: snapshot(diskPath, '2026-01-01T00:00:00Z', {}),
    theirs: snapshot(`${group}/disks/web-data`, '2026-01-01T00:00:00Z', {}),
  };
  const { calls } = await store(kept);
  await calls['snapshot-delete']({ call: 'snapshot-delete', disk, name: 'mine' }, within(5_000));
  const refused = calls['snapshot-delete']({ call: 'snapshot-delete', disk, name: 'theirs' }, within(5_000));
  await expect(refused).rejects.toMatchObject({ kind: 'conflict' });
  const gone = calls['snapshot-delete']({ call: 'snapshot-delete', disk, name: 'mine' }, within(5_000));
  await expect(gone).rejects.toMatchObject({ kind: 'not-found' });
  expect(Object.keys(kept)).toEqual(['theirs']);
});
