import type { DemoClock } from '../clock.ts';
import { type CloudCall, type CloudReply, type Route, route } from './cloud-call.ts';
import { CloudFault } from './cloud-fault.ts';
import type { CloudLevers } from './cloud-levers.ts';
import { type CloudMachine, numericId } from './cloud-machine.ts';
import { matchesFilter } from './gce-filter.ts';
import type { GceWorld } from './gce-world.ts';

/** Most instances of one page, and how many there are when the caller names no number (aggregatedList, maxResults). */
const largestPage = 500;

/** Instances: the aggregated list with its pages, the list of one zone, one instance. */
export function instanceRoutes(prefix: string, world: GceWorld, levers: CloudLevers, clock: DemoClock): Route[] {
  const json = (call: CloudCall, machine: CloudMachine): unknown => instanceJson(`${call.base}${prefix}`, machine, clock.now());
  const inOrder = (): CloudMachine[] =>
    [...world.machines].sort((a, b) => compare(a.zone, b.zone) || a.name.localeCompare(b.name, 'en', { numeric: false }));
  const seen = (call: CloudCall): CloudMachine[] => {
    const filter = call.query.get('filter');
    return inOrder().filter((machine) => machine.zone !== levers.missingZone && matchesFilter(filter, machine));
  };
  return [
    route('GET', `${prefix}/aggregated/instances`, (call) => {
      const missing = world.zones.filter((zone) => zone === levers.missingZone);
      if (missing.length > 0 && call.query.get('returnPartialSuccess') !== 'true') throw unreachable(missing);
      return aggregated(call, prefix, world, missing, seen(call), json);
    }),
    route('GET', `${prefix}/zones/{zone}/instances`, (call) => {
      const zone = call.param('zone');
      if (!world.zones.includes(zone)) throw notFound(`projects/${world.project}/zones/${zone}`);
      if (zone === levers.missingZone) throw unreachable([zone]);
      const { items, next } = page(
        call,
        seen(call).filter((machine) => machine.zone === zone),
      );
      return {
        body: {
          kind: 'compute#instanceList',
          id: `projects/${world.project}/zones/${zone}/instances`,
          ...(items.length === 0 ? {} : { items: items.map((machine) => json(call, machine)) }),
          ...(next === null ? {} : { nextPageToken: next }),
          selfLink: `${call.base}${call.path}`,
        },
      };
    }),
    route('GET', `${prefix}/zones/{zone}/instances/{instance}`, (call) => {
      const found = world.machines.find(({ name, zone }) => name === call.param('instance') && zone === call.param('zone'));
      if (found === undefined) throw notFound(`projects/${world.project}/zones/${call.param('zone')}/instances/${call.param('instance')}`);
      if (found.zone === levers.missingZone) throw unreachable([found.zone]);
      return { body: json(call, found) };
    }),
  ];
}

function aggregated(
  call: CloudCall,
  prefix: string,
  world: GceWorld,
  missing: readonly string[],
  all: readonly CloudMachine[],
  json: (call: CloudCall, machine: CloudMachine) => unknown,
): CloudReply {
  const { items, next } = page(call, all);
  const scopes = world.zones.map((zone): [string, unknown] => {
    const here = items.filter((machine) => machine.zone === zone);
    if (missing.includes(zone)) return [`zones/${zone}`, { warning: warning('UNREACHABLE', zone, `The zone '${zone}' is unreachable.`) }];
    if (here.length > 0) return [`zones/${zone}`, { instances: here.map((machine) => json(call, machine)) }];
    return [
      `zones/${zone}`,
      { warning: warning('NO_RESULTS_ON_PAGE', `zones/${zone}`, `There are no results for scope 'zones/${zone}' on this page.`) },
    ];
  });
  return {
    body: {
      kind: 'compute#instanceAggregatedList',
      id: `projects/${world.project}/aggregated/instances`,
      items: Object.fromEntries(scopes),
      ...(next === null ? {} : { nextPageToken: next }),
      ...(missing.length === 0 ? {} : { unreachables: missing.map((zone) => `${call.base}${prefix}/zones/${zone}`) }),
      selfLink: `${call.base}${call.path}`,
    },
  };
}

/** One page; its token says after which instance the next begins, so that a fleet that changes between pages stays whole. */
function page(call: CloudCall, all: readonly CloudMachine[]): { readonly items: readonly CloudMachine[]; readonly next: string | null } {
  const asked = Number(call.query.get('maxResults') ?? largestPage);
  if (!Number.isInteger(asked) || asked < 0 || asked > largestPage)
    throw new CloudFault(400, 'invalid', `Invalid value for field 'maxResults': '${call.query.get('maxResults')}'. Must be from 0 to 500.`);
  const token = call.query.get('pageToken') ?? '';
  const after = token === '' ? null : Buffer.from(token, 'base64url').toString('utf8');
  const at = after === null ? 0 : all.findIndex((machine) => `${machine.zone}/${machine.name}` === after) + 1;
  if (after !== null && at === 0) throw new CloudFault(400, 'invalid', "Invalid value for field 'pageToken'.");
  const items = all.slice(at, at + (asked === 0 ? largestPage : asked));
  const last = items.at(-1);
  const more = last !== undefined && at + items.length < all.length;
  return { items, next: more ? Buffer.from(`${last.zone}/${last.name}`).toString('base64url') : null };
}

/** An instance as the API describes it; its metadata hold what no console may show. */
function instanceJson(base: string, machine: CloudMachine, now: number): unknown {
  const zone = `${base}/zones/${machine.zone}`;
  const region = machine.zone.replace(/-[a-z]$/, '');
  const running = machine.power === 'running';
  const address = running ? machine.publicAddress : null;
  return {
    kind: 'compute#instance',
    id: numericId(machine.name),
    creationTimestamp: new Date(machine.bootedAt - 86_400_000 * 90).toISOString(),
    name: machine.name,
    tags: { items: machine.tags, fingerprint: 'nFYDaWGzOGk=' },
    machineType: `${zone}/machineTypes/e2-standard-2`,
    status: running ? 'RUNNING' : 'TERMINATED',
    zone,
    canIpForward: false,
    networkInterfaces: [
      {
        kind: 'compute#networkInterface',
        network: `${base}/global/networks/default`,
        subnetwork: `${base}/regions/${region}/subnetworks/default`,
        networkIP: machine.privateAddress,
        name: 'nic0',
        stackType: 'IPV4_ONLY',
        ...(machine.publicAddress === null
          ? {}
          : {
              accessConfigs: [
                {
                  kind: 'compute#accessConfig',
                  type: 'ONE_TO_ONE_NAT',
                  name: 'External NAT',
                  ...(address === null ? {} : { natIP: address }),
                  networkTier: 'PREMIUM',
                },
              ],
            }),
      },
    ],
    disks: [
      {
        kind: 'compute#attachedDisk',
        type: 'PERSISTENT',
        mode: 'READ_WRITE',
        source: `${zone}/disks/${machine.name}`,
        deviceName: machine.name,
        index: 0,
        boot: true,
        autoDelete: true,
        diskSizeGb: '10',
      },
    ],
    metadata: { kind: 'compute#metadata', fingerprint: 'wVgbF3xR0lA=', items: [{ key: 'startup-script', value: '#! never shown' }] },
    scheduling: { onHostMaintenance: 'MIGRATE', automaticRestart: true, preemptible: false, provisioningModel: 'STANDARD' },
    labels: machine.labels,
    labelFingerprint: '42WmSpB8rSM=',
    ...(running
      ? { lastStartTimestamp: new Date(machine.bootedAt).toISOString() }
      : { lastStopTimestamp: new Date(now - 3_600_000).toISOString() }),
    deletionProtection: false,
    selfLink: `${zone}/instances/${machine.name}`,
  };
}

function warning(code: string, scope: string, message: string): unknown {
  return { code, message, data: [{ key: 'scope', value: scope }] };
}

function unreachable(zones: readonly string[]): CloudFault {
  return new CloudFault(503, 'backendError', `The zone '${zones.join(', ')}' is unreachable; try again later.`);
}

/** Google's words for what is not there. */
export function notFound(resource: string): CloudFault {
  return new CloudFault(404, 'notFound', `The resource '${resource}' was not found`);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
