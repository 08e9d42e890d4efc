import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { CloudMember, CloudPool, CloudPoolMember, CloudPoolReading } from '../calls.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';
import { healthOf } from './health.ts';
import { lastPart } from './hosts.ts';
import { finish, operationOf } from './operation.ts';

type Neg = Extract<CloudPool, { readonly kind: 'gce-neg' }>;

const endpointSchema = z.object({
  instance: z.string().nullish(),
  ipAddress: z.string().nullish(),
  port: z.number().nullish(),
});
const entrySchema = z.object({
  networkEndpoint: endpointSchema,
  healths: z
    .array(
      z.object({
        healthState: z.string().nullish(),
        backendService: z.object({ backendService: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

type Entry = z.output<typeof entrySchema>;
type Endpoint = z.output<typeof endpointSchema>;

/** Members by instance: one that has several endpoints in the group is one member, in as long as any of them is. */
export async function readNeg(gce: Gce, pool: Neg, time: CallTime): Promise<CloudPoolReading> {
  const byName = Map.groupBy(await entriesOf(gce, pool, time), (entry) => nameOf(entry.networkEndpoint));
  const members = [...byName].map(([name, entries]): CloudPoolMember => {
    const states = entries.flatMap((entry) => statesOf(entry, pool.backendService));
    return {
      name,
      zone: pool.zone,
      address: entries[0]?.networkEndpoint.ipAddress || null,
      state: states.includes('DRAINING') ? 'draining' : 'in',
      ...healthOf(states),
      saved: { endpoints: JSON.stringify(entries.map((entry) => plain(entry.networkEndpoint))) },
    };
  });
  return { members, refusal: null, etag: null, warnings: [] };
}

/** All endpoints of the member out of the group; the backend services that use it drain them. */
export async function leaveNeg(gce: Gce, pool: Neg, member: CloudMember, time: CallTime): Promise<{ readonly changed: boolean }> {
  const doing = `take ${member.name} out of endpoint group ${pool.neg}`;
  const entries = await entriesOf(gce, pool, time);
  const networkEndpoints = entries.filter(isOf(member)).map((entry) => plain(entry.networkEndpoint));
  if (networkEndpoints.length === 0) return { changed: false };
  const requestId = randomUUID();
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.networkEndpointGroups()).detachNetworkEndpoints(
      { ...placeOf(gce, pool), requestId, networkEndpointGroupsDetachEndpointsRequestResource: { networkEndpoints } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { zone: pool.zone }, doing, time);
  return { changed: true };
}

export async function joinNeg(
  gce: Gce,
  pool: Neg,
  member: CloudMember,
  saved: CloudPoolMember['saved'],
  time: CallTime,
): Promise<{ readonly changed: boolean }> {
  const doing = `put ${member.name} back into endpoint group ${pool.neg}`;
  const there = (await entriesOf(gce, pool, time)).filter(isOf(member));
  // One that still drains is attached anew: that is what stops the draining.
  if (there.length > 0 && !there.some((entry) => statesOf(entry, null).includes('DRAINING'))) return { changed: false };
  const networkEndpoints = savedEndpoints(saved) ?? [endpointFor(pool, member)];
  const requestId = randomUUID();
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.networkEndpointGroups()).attachNetworkEndpoints(
      { ...placeOf(gce, pool), requestId, networkEndpointGroupsAttachEndpointsRequestResource: { networkEndpoints } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { zone: pool.zone }, doing, time);
  return { changed: true };
}

async function entriesOf(gce: Gce, pool: Neg, time: CallTime): Promise<Entry[]> {
  const asked = gce.asked(`list endpoint group ${pool.neg} in ${pool.zone}`);
  return await gce.ask(asked, time, async (options) => {
    const client = await gce.read.networkEndpointGroups();
    const entries: Entry[] = [];
    const resource = { healthStatus: 'SHOW' };
    const request = { ...placeOf(gce, pool), maxResults: 500, networkEndpointGroupsListEndpointsRequestResource: resource };
    for await (const one of client.listNetworkEndpointsAsync(request, options)) {
      const entry = entrySchema.parse(one);
      if (pool.port === null || entry.networkEndpoint.port === pool.port) entries.push(entry);
    }
    return entries;
  });
}

function statesOf(entry: Entry, backendService: string | null): string[] {
  const healths = (entry.healths ?? []).filter((one) => {
    const of = one.backendService?.backendService;
    return backendService === null || !of || lastPart(of) === backendService;
  });
  return healths.map((one) => one.healthState ?? '');
}

function isOf(member: CloudMember): (entry: Entry) => boolean {
  return ({ networkEndpoint }) =>
    networkEndpoint.instance ? lastPart(networkEndpoint.instance) === member.name : networkEndpoint.ipAddress === member.address;
}

/** An endpoint without an instance is known by its address. */
function nameOf(endpoint: Endpoint): string {
  return endpoint.instance ? lastPart(endpoint.instance) : (endpoint.ipAddress ?? '');
}

function plain({ instance, ipAddress, port }: Endpoint): { instance?: string; ipAddress?: string; port?: number } {
  return { ...(instance ? { instance: lastPart(instance) } : {}), ...(ipAddress ? { ipAddress } : {}), ...(port ? { port } : {}) };
}

function savedEndpoints(saved: CloudPoolMember['saved']): ReturnType<typeof plain>[] | null {
  const text = saved['endpoints'];
  if (typeof text !== 'string') return null;
  const read = z.array(endpointSchema).min(1).safeParse(JSON.parse(text));
  return read.success ? read.data.map(plain) : null;
}

function endpointFor(pool: Neg, member: CloudMember): ReturnType<typeof plain> {
  if (pool.port === null) {
    throw new CloudCallError('not-found', `The port of ${member.name} in ${pool.neg} is not known; name it as \`port\` of the pool.`);
  }
  return plain({ instance: member.name, ipAddress: member.address, port: pool.port });
}

function placeOf(gce: Gce, { zone, neg }: Neg): { readonly project: string; readonly zone: string; readonly networkEndpointGroup: string } {
  return { project: gce.project, zone, networkEndpointGroup: neg };
}
