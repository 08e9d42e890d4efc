import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import * as z from 'zod';
import type { CloudMember, CloudPool, CloudPoolMember, CloudPoolReading } from '../calls.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';
import { healthOf, healthStatusSchema } from './health.ts';
import { instanceUrl, isMember, readInstanceUrl } from './instance-url.ts';
import { finish, operationOf } from './operation.ts';

type TargetPool = Extract<CloudPool, { readonly kind: 'gce-target-pool' }>;

const poolSchema = z.object({
  instances: z.array(z.string()).nullish(),
  sessionAffinity: z.string().nullish(),
  backupPool: z.string().nullish(),
});
const healthSchema = z.object({ healthStatus: z.array(healthStatusSchema).nullish() });
/** Health is asked instance by instance; a large pool must not eat the project's quota at once. */
const atOnce = 8;

export async function readTargetPool(gce: Gce, pool: TargetPool, time: CallTime): Promise<CloudPoolReading> {
  const found = await getPool(gce, pool, time);
  const limit = pLimit(atOnce);
  const members = await Promise.all((found.instances ?? []).map((url) => limit(() => memberOf(gce, pool, url, time))));
  const warnings: string[] = [];
  if (found.sessionAffinity && found.sessionAffinity !== 'NONE') {
    warnings.push(`clients are bound to members by ${found.sessionAffinity}: taking one out moves its clients`);
  }
  if (found.backupPool) warnings.push('a backup pool takes over when too few members are healthy');
  return { members, refusal: null, etag: null, warnings };
}

/** Out of the pool. The server changes one entry at a time, so that two operators do not undo each other. */
export async function leaveTargetPool(
  gce: Gce,
  pool: TargetPool,
  member: CloudMember,
  time: CallTime,
): Promise<{ readonly changed: boolean }> {
  const doing = `take ${member.name} out of target pool ${pool.pool}`;
  const entry = (await getPool(gce, pool, time)).instances?.find((url) => isMember(readInstanceUrl(url), member));
  if (entry === undefined) return { changed: false };
  const requestId = randomUUID();
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.targetPools()).removeInstance(
      { ...placeOf(gce, pool), requestId, targetPoolsRemoveInstanceRequestResource: { instances: [{ instance: entry }] } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { region: pool.region }, doing, time);
  return { changed: true };
}

export async function joinTargetPool(
  gce: Gce,
  pool: TargetPool,
  member: CloudMember,
  saved: CloudPoolMember['saved'],
  time: CallTime,
): Promise<{ readonly changed: boolean }> {
  const doing = `put ${member.name} back into target pool ${pool.pool}`;
  const there = (await getPool(gce, pool, time)).instances?.some((url) => isMember(readInstanceUrl(url), member)) ?? false;
  if (there) return { changed: false };
  const requestId = randomUUID();
  const before = saved['instance'];
  const instance = typeof before === 'string' ? before : instanceUrl(gce.project, member);
  const answer = await gce.ask(gce.asked(doing, true), time, async (options) =>
    (await gce.write.targetPools()).addInstance(
      { ...placeOf(gce, pool), requestId, targetPoolsAddInstanceRequestResource: { instances: [{ instance }] } },
      options,
    ),
  );
  await finish(gce, operationOf(answer), { region: pool.region }, doing, time);
  return { changed: true };
}

async function getPool(gce: Gce, pool: TargetPool, time: CallTime): Promise<z.output<typeof poolSchema>> {
  const asked = gce.asked(`read target pool ${pool.pool} in ${pool.region}`);
  const [answer] = await gce.ask(asked, time, async (options) => (await gce.read.targetPools()).get(placeOf(gce, pool), options));
  return poolSchema.parse(answer);
}

async function memberOf(gce: Gce, pool: TargetPool, url: string, time: CallTime): Promise<CloudPoolMember> {
  const { name, zone } = readInstanceUrl(url);
  const asked = gce.asked(`read the health of ${name} in target pool ${pool.pool}`);
  const base = { name, zone, address: null, state: 'in', saved: { instance: url } } as const;
  try {
    const [answer] = await gce.ask(asked, time, async (options) =>
      (await gce.read.targetPools()).getHealth({ ...placeOf(gce, pool), instanceReferenceResource: { instance: url } }, options),
    );
    return { ...base, ...healthOf((healthSchema.parse(answer).healthStatus ?? []).map((one) => one.healthState ?? '')) };
  } catch (error) {
    // Membership is known all the same; one backend whose health cannot be told must not hide the others.
    if (!(error instanceof CloudCallError)) throw error;
    return { ...base, health: 'unknown', text: error.message };
  }
}

function placeOf(
  gce: Gce,
  { region, pool }: TargetPool,
): { readonly project: string; readonly region: string; readonly targetPool: string } {
  return { project: gce.project, region, targetPool: pool };
}
