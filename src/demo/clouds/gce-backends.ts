import * as z from 'zod';
import type { DemoClock } from '../clock.ts';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import { notFound } from './gce-instances.ts';
import type { GceOperations } from './gce-operations.ts';
import { lastPart } from './gce-pools.ts';
import type { GceBackendService, GceEndpoint, GceEndpointGroup, GceWorld } from './gce-world.ts';

const endpoints = z.object({
  networkEndpoints: z.array(z.object({ instance: z.string().optional(), ipAddress: z.string().optional(), port: z.number().optional() })),
});
const listing = z.object({ healthStatus: z.enum(['SHOW', 'SKIP']).optional() });
const groupOf = z.object({ group: z.string() });
const patched = z.object({
  fingerprint: z.string().optional(),
  backends: z.array(z.object({ group: z.string(), capacityScaler: z.number().optional() })).optional(),
});

/** Backend services with their health, and network endpoint groups. */
export function backendRoutes(prefix: string, world: GceWorld, operations: GceOperations, clock: DemoClock): Route[] {
  const services = ['global', 'regions/{region}'].map((scope) => `${prefix}/${scope}/backendServices/{service}`);
  const negs = `${prefix}/zones/{zone}/networkEndpointGroups/{neg}`;
  return [
    ...services.flatMap((template) => [
      route('GET', template, (call) => ({ body: serviceJson(call, prefix, world, service(call, world)) })),
      route('POST', `${template}/getHealth`, (call) => serviceHealth(call, prefix, world)),
      route('PATCH', template, (call) => {
        const changed = service(call, world);
        const wanted = call.body(patched);
        if (wanted.fingerprint !== fingerprint(changed))
          throw new CloudFault(412, 'conditionNotMet', 'Invalid fingerprint: the resource was changed meanwhile.');
        return operations.order(call, 'global', 'patch', `${call.base}${call.path}`, () => {
          for (const { group, capacityScaler } of wanted.backends ?? []) {
            const backend = changed.backends.get(lastPart(group));
            if (backend !== undefined && capacityScaler !== undefined) backend.capacityScaler = capacityScaler;
          }
          changed.version += 1;
        });
      }),
    ]),
    route('GET', negs, (call) => {
      const { defaultPort, endpoints: has, zone } = neg(call, world, clock);
      return {
        body: {
          kind: 'compute#networkEndpointGroup',
          name: call.param('neg'),
          networkEndpointType: 'GCE_VM_IP_PORT',
          size: has.length,
          defaultPort,
          zone: `${call.base}${prefix}/zones/${zone}`,
          selfLink: `${call.base}${call.path}`,
        },
      };
    }),
    route('POST', `${negs}/listNetworkEndpoints`, (call) => listEndpoints(call, prefix, world, clock)),
    route('POST', `${negs}/attachNetworkEndpoints`, (call) => {
      const changed = neg(call, world, clock);
      const wanted = call.body(endpoints).networkEndpoints.map((given) => completed(given, changed, world));
      return operations.order(call, `zones/${changed.zone}`, 'attachNetworkEndpoints', targetOf(call), () => {
        changed.endpoints = [...changed.endpoints.filter((has) => !wanted.some((each) => same(each, has))), ...wanted];
      });
    }),
    route('POST', `${negs}/detachNetworkEndpoints`, (call) => {
      const changed = neg(call, world, clock);
      const wanted = call.body(endpoints).networkEndpoints.map((given) => completed(given, changed, world));
      const missing = wanted.find((each) => !changed.endpoints.some((has) => same(each, has)));
      if (missing !== undefined && operations.known(call) === null)
        throw new CloudFault(400, 'invalid', `Invalid value for field 'resource.networkEndpoints': '${missing.instance}' is not attached.`);
      return operations.order(call, `zones/${changed.zone}`, 'detachNetworkEndpoints', targetOf(call), () => {
        for (const has of changed.endpoints) if (wanted.some((each) => same(each, has))) has.drainingSince ??= clock.now();
      });
    }),
  ];
}

function service(call: CloudCall, world: GceWorld): GceBackendService {
  const found = world.backendServices.get(call.param('service'));
  if (found === undefined) throw notFound(call.path.replace(/^.*?\/projects\//, 'projects/').replace(/\/getHealth$/, ''));
  return found;
}

/** A group after what has drained long enough is gone from it. */
function neg(call: CloudCall, world: GceWorld, clock: DemoClock): GceEndpointGroup {
  const found = world.endpointGroups.get(call.param('neg'));
  if (found === undefined || found.zone !== call.param('zone'))
    throw notFound(`projects/${world.project}/zones/${call.param('zone')}/networkEndpointGroups/${call.param('neg')}`);
  const [, of] = [...world.backendServices].find(([, each]) => each.backends.has(call.param('neg'))) ?? [];
  const drainMs = (of?.drainSeconds ?? 0) * 1000;
  found.endpoints = found.endpoints.filter((each) => each.drainingSince === null || clock.now() - each.drainingSince < drainMs);
  return found;
}

/** An endpoint with what the caller may leave out: the port of the group, the address of the instance. */
function completed(
  given: { readonly instance?: string | undefined; readonly ipAddress?: string | undefined; readonly port?: number | undefined },
  group: GceEndpointGroup,
  world: GceWorld,
): GceEndpoint {
  const name = lastPart(given.instance ?? '');
  const machine = world.machines.find((each) => (name === '' ? each.privateAddress === given.ipAddress : each.name === name));
  if (machine === undefined) throw notFound(`projects/${world.project}/zones/${group.zone}/instances/${name}`);
  return {
    instance: machine.name,
    ipAddress: given.ipAddress ?? machine.privateAddress,
    port: given.port ?? group.defaultPort,
    drainingSince: null,
  };
}

function same(a: GceEndpoint, b: GceEndpoint): boolean {
  return a.instance === b.instance && a.port === b.port;
}

function listEndpoints(call: CloudCall, prefix: string, world: GceWorld, clock: DemoClock): CloudReply {
  const found = neg(call, world, clock);
  const show = call.body(listing).healthStatus === 'SHOW';
  const [serviceName] = [...world.backendServices].find(([, each]) => each.backends.has(call.param('neg'))) ?? [];
  const items = found.endpoints.map((each) => {
    const healthy = world.machines.find(({ name }) => name === each.instance)?.healthy === true;
    const healthState = each.drainingSince === null ? (healthy ? 'HEALTHY' : 'UNHEALTHY') : 'DRAINING';
    const backendService = { backendService: `${call.base}${prefix}/global/backendServices/${serviceName}` };
    return {
      networkEndpoint: { instance: each.instance, ipAddress: each.ipAddress, port: each.port },
      ...(show && serviceName !== undefined ? { healths: [{ backendService, healthState }] } : {}),
    };
  });
  return {
    body: { kind: 'compute#networkEndpointGroupsListNetworkEndpoints', id: call.param('neg'), ...(items.length === 0 ? {} : { items }) },
  };
}

function fingerprint({ version }: GceBackendService): string {
  return Buffer.from(`service ${version}`).toString('base64');
}

function serviceJson(call: CloudCall, prefix: string, world: GceWorld, found: GceBackendService): unknown {
  return {
    kind: 'compute#backendService',
    name: call.param('service'),
    backends: [...found.backends].map(([name, { capacityScaler }]) => ({
      group: groupUrl(call, prefix, world, name),
      balancingMode: 'RATE',
      capacityScaler,
    })),
    connectionDraining: { drainingTimeoutSec: found.drainSeconds },
    fingerprint: fingerprint(found),
    protocol: 'HTTP',
    selfLink: `${call.base}${call.path}`,
  };
}

function groupUrl(call: CloudCall, prefix: string, world: GceWorld, name: string): string {
  const kind = world.endpointGroups.has(name) ? 'networkEndpointGroups' : 'instanceGroups';
  const zone = (world.endpointGroups.get(name) ?? world.groups.get(name))?.zone ?? '';
  return `${call.base}${prefix}/zones/${zone}/${kind}/${name}`;
}

function serviceHealth(call: CloudCall, prefix: string, world: GceWorld): CloudReply {
  const found = service(call, world);
  const name = lastPart(call.body(groupOf).group);
  if (!found.backends.has(name)) throw new CloudFault(400, 'invalid', `Invalid value for field 'resource.group': '${name}' is no backend.`);
  const names = world.endpointGroups.get(name)?.endpoints.map(({ instance }) => instance) ?? [...(world.groups.get(name)?.instances ?? [])];
  const healthStatus = world.machines
    .filter((machine) => names.includes(machine.name))
    .map((machine) => ({
      healthState: machine.healthy ? 'HEALTHY' : 'UNHEALTHY',
      instance: `${call.base}${prefix}/zones/${machine.zone}/instances/${machine.name}`,
      ipAddress: machine.privateAddress,
      port: 80,
    }));
  return { body: { kind: 'compute#backendServiceGroupHealth', ...(healthStatus.length === 0 ? {} : { healthStatus }) } };
}

function targetOf(call: CloudCall): string {
  return `${call.base}${call.path.slice(0, call.path.lastIndexOf('/'))}`;
}
