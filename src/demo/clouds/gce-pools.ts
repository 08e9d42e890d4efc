import * as z from 'zod';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import type { CloudMachine } from './cloud-machine.ts';
import { notFound } from './gce-instances.ts';
import type { GceOperations } from './gce-operations.ts';
import type { GceGroup, GceTargetPool, GceWorld } from './gce-world.ts';

const instanceList = z.object({ instances: z.array(z.object({ instance: z.string() })) });
const oneInstance = z.object({ instance: z.string() });

/** Name of the instance that a URL or partial URL ends with. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Target pools and instance groups: who is in, their health, in and out. */
export function poolRoutes(prefix: string, world: GceWorld, operations: GceOperations): Route[] {
  const pools = `${prefix}/regions/{region}/targetPools/{pool}`;
  const groups = `${prefix}/zones/{zone}/instanceGroups/{group}`;
  return [
    route('GET', pools, (call) => ({ body: targetPoolJson(call, prefix, world, targetPool(call, world)) })),
    route('POST', `${pools}/getHealth`, (call) => targetPoolHealth(call, prefix, world)),
    route('POST', `${pools}/addInstance`, (call) => {
      const { instances } = targetPool(call, world);
      const machines = named(call, world);
      return operations.order(call, `regions/${call.param('region')}`, 'AddInstance', targetOf(call), () => {
        for (const { name } of machines) instances.add(name);
      });
    }),
    route('POST', `${pools}/removeInstance`, (call) => {
      const { instances } = targetPool(call, world);
      const machines = named(call, world);
      return operations.order(call, `regions/${call.param('region')}`, 'RemoveInstance', targetOf(call), () => {
        for (const { name } of machines) instances.delete(name);
      });
    }),
    route('GET', groups, (call) => ({ body: groupJson(call, prefix, group(call, world)) })),
    route('POST', `${groups}/listInstances`, (call) => {
      const items = [...group(call, world).instances].map((name) => {
        const machine = world.machines.find((each) => each.name === name);
        return {
          instance: `${call.base}${prefix}/zones/${call.param('zone')}/instances/${name}`,
          status: machine?.power === 'stopped' ? 'TERMINATED' : 'RUNNING',
        };
      });
      return { body: { kind: 'compute#instanceGroupsListInstances', id: call.param('group'), ...(items.length === 0 ? {} : { items }) } };
    }),
    route('POST', `${groups}/addInstances`, (call) => {
      const changed = group(call, world);
      const machines = named(call, world);
      return operations.order(call, `zones/${changed.zone}`, 'compute.instanceGroups.addInstances', targetOf(call), () => {
        for (const { name } of machines) {
          if (changed.instances.has(name)) throw new Error(`Instance ${name} is already a member of ${call.param('group')}.`);
          changed.instances.add(name);
        }
        changed.version += 1;
      });
    }),
    route('POST', `${groups}/removeInstances`, (call) => {
      const changed = group(call, world);
      const machines = named(call, world);
      return operations.order(call, `zones/${changed.zone}`, 'compute.instanceGroups.removeInstances', targetOf(call), () => {
        for (const { name } of machines)
          if (!changed.instances.delete(name)) throw new Error(`Instance ${name} is not a member of ${call.param('group')}.`);
        changed.version += 1;
      });
    }),
    route('GET', `${prefix}/zones/{zone}/instanceGroupManagers/{group}`, (call) => {
      const found = group(call, world, 'instanceGroupManagers');
      if (!found.managed) throw notFound(`projects/${world.project}/zones/${found.zone}/instanceGroupManagers/${call.param('group')}`);
      return {
        body: {
          kind: 'compute#instanceGroupManager',
          name: call.param('group'),
          zone: `${call.base}${prefix}/zones/${found.zone}`,
          instanceGroup: `${call.base}${prefix}/zones/${found.zone}/instanceGroups/${call.param('group')}`,
          targetSize: found.instances.size,
          status: { isStable: true },
        },
      };
    }),
  ];
}

function targetPool(call: CloudCall, world: GceWorld): GceTargetPool {
  const found = world.targetPools.get(call.param('pool'));
  if (found !== undefined && found.region === call.param('region')) return found;
  throw notFound(`projects/${world.project}/regions/${call.param('region')}/targetPools/${call.param('pool')}`);
}

function group(call: CloudCall, world: GceWorld, kind = 'instanceGroups'): GceGroup {
  const found = world.groups.get(call.param('group'));
  if (found !== undefined && found.zone === call.param('zone')) return found;
  throw notFound(`projects/${world.project}/zones/${call.param('zone')}/${kind}/${call.param('group')}`);
}

/** The machines that the body names. @throws CloudFault 404 for one that is not there. */
function named(call: CloudCall, world: GceWorld): CloudMachine[] {
  return call.body(instanceList).instances.map(({ instance }) => machineAt(instance, world));
}

function machineAt(url: string, world: GceWorld): CloudMachine {
  const found = world.machines.find(({ name, zone }) => url.endsWith(`zones/${zone}/instances/${name}`));
  if (found === undefined) throw notFound(url.replace(/^.*?\/projects\//, 'projects/'));
  return found;
}

function targetPoolJson(call: CloudCall, prefix: string, world: GceWorld, pool: GceTargetPool): unknown {
  const instances = [...pool.instances].map((name) => {
    const zone = world.machines.find((machine) => machine.name === name)?.zone ?? world.zones[0];
    return `${call.base}${prefix}/zones/${zone}/instances/${name}`;
  });
  return {
    kind: 'compute#targetPool',
    name: call.param('pool'),
    region: `${call.base}${prefix}/regions/${pool.region}`,
    sessionAffinity: 'NONE',
    ...(instances.length === 0 ? {} : { instances }),
    selfLink: `${call.base}${call.path}`,
  };
}

function targetPoolHealth(call: CloudCall, prefix: string, world: GceWorld): CloudReply {
  const pool = targetPool(call, world);
  const machine = machineAt(call.body(oneInstance).instance, world);
  if (!pool.instances.has(machine.name))
    throw new CloudFault(400, 'invalid', `Invalid value for field 'resource.instance': '${machine.name}'. It is not in the target pool.`);
  const health = {
    ipAddress: machine.publicAddress ?? machine.privateAddress,
    instance: `${call.base}${prefix}/zones/${machine.zone}/instances/${machine.name}`,
    healthState: machine.healthy ? 'HEALTHY' : 'UNHEALTHY',
  };
  return { body: { kind: 'compute#targetPoolInstanceHealth', healthStatus: [health] } };
}

function groupJson(call: CloudCall, prefix: string, found: GceGroup): unknown {
  return {
    kind: 'compute#instanceGroup',
    name: call.param('group'),
    // The API says here who manages a group: the one sign that its members have no way back.
    ...(found.managed ? { description: `This instance group is controlled by Instance Group Manager '${call.param('group')}'.` } : {}),
    fingerprint: Buffer.from(`group ${found.version}`).toString('base64'),
    zone: `${call.base}${prefix}/zones/${found.zone}`,
    size: found.instances.size,
    selfLink: `${call.base}${call.path}`,
  };
}

function targetOf(call: CloudCall): string {
  return `${call.base}${call.path.slice(0, call.path.lastIndexOf('/'))}`;
}
