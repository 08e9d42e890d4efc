import * as z from 'zod';
import type { PoolSpec } from '../../fleet/definition.ts';
import type { FleetReader } from '../fleet-reader.ts';
import { type Variant, variant } from '../variant.ts';
import { duration, name, names, port, remotePath, share, text } from './values.ts';

const shared = {
  members: z.strictObject({ role: names.describe('Role or roles') }).describe('Roles whose hosts are members'),
  floor: z
    .strictObject({
      count: z.int().min(0).optional().describe('Fewest hosts that stay (1)'),
      ratio: share.optional().describe('Smallest share of hosts that stays, e.g. 50%'),
    })
    .optional()
    .describe('What must stay healthy and in; unknown counts as out'),
  drain: z
    .strictObject({
      until: z.literal('connections').optional().describe('What is waited for'),
      ports: z.array(port).min(1).describe('Ports whose connections are counted'),
      atMost: z.int().min(0).optional().describe('Connections that may be left (0)'),
      timeout: duration.optional().describe('Longest wait (2m)'),
    })
    .optional()
    .describe('How long connections are waited for after a depool'),
  remind: duration.optional().describe('A depool is owed back: remind after this'),
};

const project = text.optional().describe('Project of the cloud, when it is another than the inventory’s');

const schemas = {
  'gce-target-pool': z.strictObject({
    kind: z.literal('gce-target-pool').describe('Target pool of a network load balancer'),
    pool: name.describe('Name of the target pool'),
    region: name.describe('Region of the target pool'),
    project,
    ...shared,
  }),
  'gce-instance-group': z.strictObject({
    kind: z.literal('gce-instance-group').describe('Unmanaged instance group behind a backend service'),
    group: name.describe('Name of the instance group'),
    zone: name.describe('Zone of the group'),
    backend_service: name.optional().describe('Backend service that tells health'),
    project,
    ...shared,
  }),
  'gce-neg': z.strictObject({
    kind: z.literal('gce-neg').describe('Network endpoint group behind a backend service'),
    neg: name.describe('Name of the endpoint group'),
    zone: name.describe('Zone of the group'),
    port: port.optional().describe('Port of the endpoints'),
    backend_service: name.optional().describe('Backend service that tells health'),
    project,
    ...shared,
  }),
  'azure-lb': z.strictObject({
    kind: z.literal('azure-lb').describe('Backend address pool of an Azure load balancer'),
    lb: name.describe('Name of the load balancer'),
    backend: name.describe('Name of its backend pool'),
    resourceGroup: name.optional().describe('Resource group; the inventory’s when left out'),
    ...shared,
  }),
  haproxy: z.strictObject({
    kind: z.literal('haproxy').describe('Servers of a HAProxy backend'),
    on: name.describe('Role of the balancer'),
    socket: remotePath.describe('Admin socket of HAProxy'),
    backend: name.describe('Name of the backend'),
    ...shared,
  }),
  'nginx-upstream': z.strictObject({
    kind: z.literal('nginx-upstream').describe('Servers of an nginx upstream block'),
    on: name.describe('Role of the balancer'),
    file: remotePath.describe('Included file with the servers'),
    upstream: name.optional().describe('Name of the upstream, when the file has several'),
    ...shared,
  }),
  'health-file': z.strictObject({
    kind: z.literal('health-file').describe('A file on the member that its health check looks at'),
    file: remotePath.describe('File that takes the host out'),
    check: name.optional().describe('Check that shows whether it is in'),
    ...shared,
  }),
  command: z.strictObject({
    kind: z.literal('command').describe('Commands of your own'),
    on: name.optional().describe('Role on each of whose hosts the commands run; the member itself when left out'),
    depool: text.describe(
      'Command that takes the member out; {{ member }}, {{ address }} and {{ zone }} are filled in, each as one quoted word',
    ),
    repool: text.describe('Command that puts it back'),
    state: text.describe('Command that prints one word: in, draining or out'),
    ...shared,
  }),
} as const;

type Given = z.output<(typeof schemas)[keyof typeof schemas]>;

/** PyBal's depool-threshold is half as well (Wikitech, PyBal). */
const usualFloor = { count: 1, ratio: 50 };

/** One variant a kind of load balancer. */
export const poolVariants: Readonly<Record<PoolSpec['kind'], Variant<PoolSpec>>> = {
  'gce-target-pool': variant(schemas['gce-target-pool'], poolOf),
  'gce-instance-group': variant(schemas['gce-instance-group'], poolOf),
  'gce-neg': variant(schemas['gce-neg'], poolOf),
  'azure-lb': variant(schemas['azure-lb'], poolOf),
  haproxy: variant(schemas.haproxy, poolOf),
  'nginx-upstream': variant(schemas['nginx-upstream'], poolOf),
  'health-file': variant(schemas['health-file'], poolOf),
  command: variant(schemas.command, poolOf),
};

const kinds = [
  'gce-target-pool',
  'gce-instance-group',
  'gce-neg',
  'azure-lb',
  'haproxy',
  'nginx-upstream',
  'health-file',
  'command',
] as const satisfies readonly PoolSpec['kind'][];

/** The pools of a file that could be read. */
export function readPools(reader: FleetReader): PoolSpec[] {
  return reader.entries('pools').flatMap(([poolName, value]) => {
    const path = ['pools', poolName];
    const kind = reader.kindOf(kinds, value, path);
    return kind === undefined ? [] : (poolVariants[kind].read(reader, value, path, poolName) ?? []);
  });
}

function poolOf(poolName: string, given: Given): PoolSpec {
  const { kind, members, floor, drain, remind, ...options } = given;
  return {
    name: poolName,
    kind,
    memberRoles: members.role,
    floor: floor === undefined ? usualFloor : { count: floor.count ?? 1, ratio: floor.ratio ?? 0 },
    drain: drain === undefined ? null : { ports: drain.ports, atMost: drain.atMost ?? 0, timeoutMs: drain.timeout ?? 120_000 },
    remindMs: remind ?? null,
    options: givenOptions(options),
  };
}

/** Keys that the file gives, without those it leaves out. */
export function givenOptions(
  options: Readonly<Record<string, string | number | boolean | undefined>>,
): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {};
  for (const [option, value] of Object.entries(options)) if (value !== undefined) out[option] = value;
  return out;
}
