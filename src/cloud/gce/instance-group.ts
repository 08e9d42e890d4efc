import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { CloudMember, CloudPool, CloudPoolMember, CloudPoolReading } from '../calls.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import { readBackendService } from './backend-service.ts';
import type { Gce } from './gce.ts';
import { healthOf } from './health.ts';
import { instanceUrl, isMember, readInstanceUrl } from './instance-url.ts';
import { finish, operationOf } from './operation.ts';

type InstanceGroup = Extract<CloudPool, { readonly kind: 'gce-instance-group' }>;

const groupSchema = z.object({ selfLink: z.string().nullish() });
const entrySchema = z.object({ instance: z.string(), status: z.string().nullish() });

export async function readInstanceGroup(gce: Gce, pool: InstanceGroup, time: CallTime): Promise<CloudPoolReading> {
  const [entries, refusal] = await Promise.all([entriesOf(gce, pool, time), refusalOf(gce, pool, time)]);
  const service =
    pool.backendService === null ? null : await readBackendService(gce, pool.backendService, await selfLinkOf(gce, pool, time), time);
  const members = entries.map((entry): CloudPoolMember => {
    const { name, zone } = readInstanceUrl(entry.instance);
    const states = service?.health.get(name) ?? [];
    const running = entry.status === null || entry.status === undefined || entry.status === 'RUNNING';
    const judged = running ? healthOf(states) : { health: 'down' as const, text: entry.status ?? null };
    return { name, zone: zone ?? pool.zone, address: null, state: 'in', saved: { instance: entry.instance }, ...judged };
  });
  const warnings = service?.warnings ?? ['no backendService is named in the fleet file, so that health is not known from the balancer'];
  return { members, refusal, etag: null, warnings };
}

/** Out of the group; the VM stays. The backend service drains it as its own setting says. */
export async function leaveInstanceGroup(
  gce: Gce,
  pool: InstanceGroup,
  member: CloudMember,
  time: CallTime,
): Promise<{ readonly changed: boolean }> {
  const doing = `take ${member.name} out of instance group ${pool.group}`;
  await refuseManaged(gce, pool, time);
  const entry = (await entriesOf(gce, pool, time)).find((one) => isMember(readInstanceUrl(one.instance), member));
  if (entry === undefined) return { changed: false };
  const requestId = randomUUID();
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.instanceGroups()).removeInstances(
      { ...placeOf(gce, pool), requestId, instanceGroupsRemoveInstancesRequestResource: { instances: [{ instance: entry.instance }] } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { zone: pool.zone }, doing, time);
  return { changed: true };
}

export async function joinInstanceGroup(
  gce: Gce,
  pool: InstanceGroup,
  member: CloudMember,
  saved: CloudPoolMember['saved'],
  time: CallTime,
): Promise<{ readonly changed: boolean }> {
  const doing = `put ${member.name} back into instance group ${pool.group}`;
  await refuseManaged(gce, pool, time);
  if ((await entriesOf(gce, pool, time)).some((one) => isMember(readInstanceUrl(one.instance), member))) return { changed: false };
  const requestId = randomUUID();
  const before = saved['instance'];
  const instance = typeof before === 'string' ? before : instanceUrl(gce.project, member, member.zone ?? pool.zone);
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.instanceGroups()).addInstances(
      { ...placeOf(gce, pool), requestId, instanceGroupsAddInstancesRequestResource: { instances: [{ instance }] } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { zone: pool.zone }, doing, time);
  return { changed: true };
}

async function refuseManaged(gce: Gce, pool: InstanceGroup, time: CallTime): Promise<void> {
  const refusal = await refusalOf(gce, pool, time);
  if (refusal !== null) throw new CloudCallError('conflict', refusal);
}

/**
 * A managed group has the name of its manager. Abandoning an instance lowers the target size, and no call takes an existing VM back, so
 * that there is no way back: refused. What cannot be told is refused too.
 */
async function refusalOf(gce: Gce, pool: InstanceGroup, time: CallTime): Promise<string | null> {
  const instead = 'use a pool of kind health-file, which fails the health check and lets the balancer drain the node';
  const asked = gce.asked(`see whether group ${pool.group} is a managed one`);
  try {
    await gce.ask(asked, time, async (options) =>
      (await gce.read.instanceGroupManagers()).get({ project: gce.project, zone: pool.zone, instanceGroupManager: pool.group }, options),
    );
  } catch (error) {
    if (!(error instanceof CloudCallError)) throw error;
    if (error.kind === 'not-found') return null;
    return `Whether ${pool.group} is a managed instance group cannot be told, and taking a node out of one has no way back: ${error.message}`;
  }
  return `${pool.group} is a managed instance group, which takes no existing VM back once it is out; ${instead}.`;
}

async function entriesOf(gce: Gce, pool: InstanceGroup, time: CallTime): Promise<z.output<typeof entrySchema>[]> {
  const asked = gce.asked(`list instance group ${pool.group} in ${pool.zone}`);
  // Gathered inside the attempt: an attempt that fails half-way must leave nothing behind.
  return await gce.ask(asked, time, async (options) => {
    const client = await gce.read.instanceGroups();
    const entries: z.output<typeof entrySchema>[] = [];
    const resource = { instanceState: 'ALL' };
    const request = { ...placeOf(gce, pool), maxResults: 500, instanceGroupsListInstancesRequestResource: resource };
    for await (const one of client.listInstancesAsync(request, options)) entries.push(entrySchema.parse(one));
    return entries;
  });
}

async function selfLinkOf(gce: Gce, pool: InstanceGroup, time: CallTime): Promise<string> {
  const asked = gce.asked(`read instance group ${pool.group} in ${pool.zone}`);
  const [answer] = await gce.ask(asked, time, async (options) => (await gce.read.instanceGroups()).get(placeOf(gce, pool), options));
  const link = groupSchema.parse(answer).selfLink;
  return link || `https://www.googleapis.com/compute/v1/projects/${gce.project}/zones/${pool.zone}/instanceGroups/${pool.group}`;
}

function placeOf(
  gce: Gce,
  { zone, group }: InstanceGroup,
): { readonly project: string; readonly zone: string; readonly instanceGroup: string } {
  return { project: gce.project, zone, instanceGroup: group };
}
