import * as z from 'zod';
import type { DemoClock } from '../clock.ts';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import { numericId } from './cloud-machine.ts';
import { notFound } from './gce-instances.ts';
import type { GceOperations } from './gce-operations.ts';
import { lastPart } from './gce-pools.ts';
import type { GceSnapshot, GceWorld } from './gce-world.ts';

const order = z.object({ name: z.string(), sourceDisk: z.string().optional(), labels: z.record(z.string(), z.string()).optional() });

/** Share of a disk that a snapshot of it keeps: it holds used blocks only, compressed. */
const keptShare = 0.31;

/** Disks and their snapshots. A snapshot is CREATING until its operation is done, then UPLOADING, then READY. */
export function snapshotRoutes(prefix: string, world: GceWorld, operations: GceOperations, clock: DemoClock, uploadMs: number): Route[] {
  const snapshots = `${prefix}/global/snapshots`;
  const disk = `${prefix}/zones/{zone}/disks/{disk}`;
  const create = (call: CloudCall, zone: string, diskName: string, scope: string): CloudReply => {
    const known = operations.known(call);
    if (known !== null) return known;
    const source = world.disks.get(diskName);
    if (source === undefined || source.zone !== zone) throw notFound(`projects/${world.project}/zones/${zone}/disks/${diskName}`);
    const { name, labels } = call.body(order);
    const self = `projects/${world.project}/global/snapshots/${name}`;
    if (world.snapshots.has(name)) throw new CloudFault(409, 'alreadyExists', `The resource '${self}' already exists`);
    const made: GceSnapshot = {
      disk: diskName,
      zone,
      sizeGb: source.sizeGb,
      bytes: Math.round(source.sizeGb * 1e9 * keptShare),
      createdAt: clock.now(),
      labels: labels ?? {},
      status: 'CREATING',
    };
    world.snapshots.set(name, made);
    return operations.order(call, scope, 'createSnapshot', `${call.base}${prefix}/zones/${zone}/disks/${diskName}`, () => {
      made.status = 'UPLOADING';
      clock.after(uploadMs, () => {
        if (made.status === 'UPLOADING') made.status = 'READY';
      });
    });
  };
  return [
    route('GET', disk, (call) => {
      const found = world.disks.get(call.param('disk'));
      if (found === undefined || found.zone !== call.param('zone')) throw notFound(call.path.replace(/^.*?\/projects\//, 'projects/'));
      return {
        body: {
          kind: 'compute#disk',
          id: numericId(call.param('disk')),
          name: call.param('disk'),
          sizeGb: String(found.sizeGb),
          status: 'READY',
          zone: `${call.base}${prefix}/zones/${found.zone}`,
          selfLink: `${call.base}${call.path}`,
        },
      };
    }),
    route('POST', `${disk}/createSnapshot`, (call) => create(call, call.param('zone'), call.param('disk'), `zones/${call.param('zone')}`)),
    route('POST', snapshots, (call) => {
      const source = call.body(order).sourceDisk ?? '';
      return create(call, /zones\/([^/]+)/.exec(source)?.[1] ?? '', lastPart(source), 'global');
    }),
    route('GET', snapshots, (call) => {
      const wanted = sourceOf(call.query.get('filter'));
      const all = [...world.snapshots].filter(([, { disk: of }]) => wanted === null || wanted === of).sort(byName);
      const at = Number(call.query.get('pageToken') ?? 0);
      const most = Number(call.query.get('maxResults') ?? 500) || 500;
      const items = all.slice(at, at + most).map(([name, snapshot]) => snapshotJson(call, prefix, name, snapshot));
      return {
        body: {
          kind: 'compute#snapshotList',
          ...(items.length === 0 ? {} : { items }),
          ...(at + most < all.length ? { nextPageToken: String(at + most) } : {}),
          selfLink: `${call.base}${call.path}`,
        },
      };
    }),
    route('GET', `${snapshots}/{snapshot}`, (call) => ({ body: snapshotJson(call, prefix, call.param('snapshot'), find(call, world)) })),
    route('DELETE', `${snapshots}/{snapshot}`, (call) => {
      const known = operations.known(call);
      if (known !== null) return known;
      const found = find(call, world);
      found.status = 'DELETING';
      return operations.order(call, 'global', 'delete', `${call.base}${call.path}`, () => world.snapshots.delete(call.param('snapshot')));
    }),
  ];
}

function find(call: CloudCall, world: GceWorld): GceSnapshot {
  const found = world.snapshots.get(call.param('snapshot'));
  if (found === undefined) throw notFound(call.path.replace(/^.*?\/projects\//, 'projects/'));
  return found;
}

/** Disk of a filter by source disk, by URL, by its end or as a pattern; `null` without one. */
function sourceOf(filter: string | null): string | null {
  if (filter === null || filter.trim() === '') return null;
  const found = /^\(?sourceDisk\s*(?:=|:|eq)\s*"?(?:.*\/)?([\w-]+)\$?"?\)?$/.exec(filter.trim());
  if (found === null)
    throw new CloudFault(400, 'invalid', `Invalid value for field 'filter': '${filter}'. Invalid list filter expression.`);
  return found[1] ?? '';
}

function byName([a]: [string, GceSnapshot], [b]: [string, GceSnapshot]): number {
  return a < b ? -1 : 1;
}

function snapshotJson(call: CloudCall, prefix: string, name: string, snapshot: GceSnapshot): unknown {
  const ready = snapshot.status === 'READY';
  return {
    kind: 'compute#snapshot',
    id: numericId(name),
    creationTimestamp: new Date(snapshot.createdAt).toISOString(),
    name,
    status: snapshot.status,
    sourceDisk: `${call.base}${prefix}/zones/${snapshot.zone}/disks/${snapshot.disk}`,
    labels: snapshot.labels,
    sourceDiskId: numericId(snapshot.disk),
    diskSizeGb: String(snapshot.sizeGb),
    ...(ready ? { storageBytes: String(snapshot.bytes), storageBytesStatus: 'UP_TO_DATE', downloadBytes: String(snapshot.bytes) } : {}),
    storageLocations: [snapshot.zone.replace(/-[a-z]$/, '')],
    selfLink: `${call.base}${prefix}/global/snapshots/${name}`,
  };
}
