import * as z from 'zod';
import type { DemoClock } from '../clock.ts';
import { armPage, notFound, sameWord } from './arm-answers.ts';
import type { ArmOperations } from './arm-operations.ts';
import { armId, type AzureSnapshot, type AzureWorld } from './azure-world.ts';
import { type CloudCall, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';

const order = z.object({
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.object({ creationData: z.object({ createOption: z.string(), sourceResourceId: z.string() }) }),
});

/** Disks and their snapshots. Making one again with the same source is the same order; with another source it is refused. */
export function azureSnapshotRoutes(world: AzureWorld, operations: ArmOperations, clock: DemoClock, pageSize: number): Route[] {
  const whole = `/subscriptions/${world.subscription}/providers/Microsoft.Compute`;
  const part = `/subscriptions/${world.subscription}/resourceGroups/{group}/providers/Microsoft.Compute`;
  const find = (call: CloudCall): readonly [string, AzureSnapshot] => {
    for (const [name, snapshot] of world.snapshots)
      if (sameWord(name, call.param('snapshot')) && sameWord(snapshot.resourceGroup, call.param('group'))) return [name, snapshot];
    throw notFound(`Microsoft.Compute/snapshots/${call.param('snapshot')}`, call.param('group'));
  };
  return [
    ...[whole, part].map((prefix) =>
      route('GET', `${prefix}/snapshots`, (call) => {
        const here = [...world.snapshots].filter(
          ([, { resourceGroup }]) => call.param('group') === '' || sameWord(resourceGroup, call.param('group')),
        );
        return armPage(
          call,
          here.map(([name, snapshot]) => snapshotJson(world, name, snapshot)),
          pageSize,
        );
      }),
    ),
    route('GET', `${part}/snapshots/{snapshot}`, (call) => {
      const [name, snapshot] = find(call);
      return { body: snapshotJson(world, name, snapshot) };
    }),
    route('PUT', `${part}/snapshots/{snapshot}`, (call) => {
      const { tags, properties } = call.body(order);
      const sourceId = properties.creationData.sourceResourceId;
      const name = call.param('snapshot');
      const known = world.snapshots.get(name);
      if (known !== undefined && !sameWord(known.sourceId, sourceId))
        throw new CloudFault(409, 'PropertyChangeNotAllowed', "Changing property 'creationData.sourceResourceId' is not allowed.");
      if (known !== undefined) return { body: snapshotJson(world, name, known) };
      const [, disk] =
        [...world.disks].find(([each, { resourceGroup }]) =>
          sameWord(armId(world, resourceGroup, `Microsoft.Compute/disks/${each}`), sourceId),
        ) ?? [];
      if (disk === undefined) throw notFound(sourceId.replace(/^.*?\/providers\//, ''), call.param('group'));
      const made: AzureSnapshot = {
        resourceGroup: call.param('group'),
        sourceId,
        sizeGb: disk.sizeGb,
        createdAt: clock.now(),
        tags: tags ?? {},
        state: 'Creating',
      };
      world.snapshots.set(name, made);
      const headers = operations.begin(call, () => {
        made.state = 'Succeeded';
        return snapshotJson(world, name, made);
      });
      return { status: 202, body: snapshotJson(world, name, made), headers };
    }),
    route('DELETE', `${part}/snapshots/{snapshot}`, (call) => {
      const [name] = find(call);
      const headers = operations.begin(call, () => {
        world.snapshots.delete(name);
        return null;
      });
      return { status: 202, body: null, headers };
    }),
    route('GET', `${part}/disks/{disk}`, (call) => {
      const found = world.disks.get(call.param('disk'));
      if (found === undefined || !sameWord(found.resourceGroup, call.param('group')))
        throw notFound(`Microsoft.Compute/disks/${call.param('disk')}`, call.param('group'));
      return {
        body: {
          name: call.param('disk'),
          id: armId(world, found.resourceGroup, `Microsoft.Compute/disks/${call.param('disk')}`),
          location: world.location,
          properties: { diskSizeGB: found.sizeGb, diskState: 'Attached', provisioningState: 'Succeeded' },
        },
      };
    }),
  ];
}

function snapshotJson(world: AzureWorld, name: string, snapshot: AzureSnapshot): unknown {
  const done = snapshot.state === 'Succeeded';
  return {
    name,
    id: armId(world, snapshot.resourceGroup, `Microsoft.Compute/snapshots/${name}`),
    type: 'Microsoft.Compute/snapshots',
    location: world.location,
    tags: snapshot.tags,
    properties: {
      provisioningState: snapshot.state,
      creationData: { createOption: 'Copy', sourceResourceId: snapshot.sourceId },
      incremental: true,
      diskSizeGB: snapshot.sizeGb,
      diskSizeBytes: snapshot.sizeGb * 2 ** 30,
      timeCreated: new Date(snapshot.createdAt).toISOString(),
      diskState: 'Unattached',
      completionPercent: done ? 100 : 0,
    },
  };
}
