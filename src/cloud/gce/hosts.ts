import * as z from 'zod';
import type { CloudCall, CloudHost } from '../calls.ts';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';

const pageSize = 500;
const text = z.string().nullish();

/** Only these fields are taken: metadata holds secrets, and the SDK's objects carry keys that are none of the API's. */
const instanceSchema = z.object({
  name: z.string().min(1),
  zone: text,
  status: text,
  labels: z.record(z.string(), z.string()).nullish(),
  tags: z.object({ items: z.array(z.string()).nullish() }).nullish(),
  networkInterfaces: z
    .array(z.object({ networkIP: text, accessConfigs: z.array(z.object({ natIP: text })).nullish(), ipv6Address: text }))
    .nullish(),
});

const pageSchema = z.object({
  items: z
    .record(
      z.string(),
      z.object({
        instances: z.array(instanceSchema).nullish(),
        warning: z.object({ code: text }).nullish(),
      }),
    )
    .nullish(),
  nextPageToken: text,
  unreachables: z.array(z.string()).nullish(),
});

/**
 * All instances of a project, page by page. The stub is called, not the list method, because only its answer holds `unreachables`.
 * A zone that the answer does not name at all, though the fleet file asks for it, counts as not listed: it is no empty zone.
 */
export async function listHosts(
  gce: Gce,
  call: Extract<CloudCall, { readonly call: 'hosts' }>,
  time: CallTime,
  found: (host: CloudHost) => void,
): Promise<{ readonly missing: readonly string[] }> {
  const asked = gce.asked(`list the instances of project ${gce.project}`);
  const wanted = (zone: string): boolean => call.zones.length === 0 || call.zones.includes(zone);
  const seen = new Set<string>();
  const missing = new Set<string>();
  const tokens = new Set<string>();
  let pageToken = '';
  do {
    const request = {
      project: gce.project,
      maxResults: pageSize,
      returnPartialSuccess: true,
      ...(call.filter === null ? {} : { filter: call.filter }),
      ...(pageToken === '' ? {} : { pageToken }),
    };
    const page = pageSchema.parse(
      await gce.ask(asked, time, async ({ timeout }) => {
        const stub = await (await gce.read.instances()).initialize();
        return stubCall(stub['aggregatedList'], request, Date.now() + timeout);
      }),
    );
    for (const [scope, { instances, warning }] of Object.entries(page.items ?? {})) {
      const zone = lastPart(scope);
      seen.add(zone);
      if (warning?.code === 'UNREACHABLE' && wanted(zone)) missing.add(zone);
      if (!wanted(zone)) continue;
      for (const instance of instances ?? []) found(hostOf(instance, zone));
    }
    for (const place of page.unreachables ?? []) {
      const zone = lastPart(place);
      if (wanted(zone) || call.zones.some((one) => one.startsWith(`${zone}-`))) missing.add(zone);
    }
    pageToken = page.nextPageToken ?? '';
    // A server that hands out the same page again and again must not fill the console.
    if (tokens.has(pageToken)) throw new CloudCallError('other', `${asked.where} hands out the same page of instances again and again.`);
    tokens.add(pageToken);
  } while (pageToken !== '');
  for (const zone of call.zones) if (!seen.has(zone)) missing.add(zone);
  return { missing: [...missing] };
}

function stubCall(method: unknown, request: object, deadline: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (typeof method !== 'function') throw new Error('the SDK has no aggregatedList');
    method(request, {}, { deadline: new Date(deadline) }, (error: unknown, answer: unknown) => {
      if (error === null || error === undefined) resolve(answer);
      else reject(error);
    });
  });
}

function hostOf(instance: z.output<typeof instanceSchema>, scopeZone: string): CloudHost {
  const zone = lastPart(instance.zone ?? '') || scopeZone;
  const interfaces = instance.networkInterfaces ?? [];
  const privateAddress = interfaces.map((one) => one.networkIP || one.ipv6Address).find((address) => !!address);
  const publicAddress = interfaces.flatMap((one) => one.accessConfigs ?? []).find((one) => !!one.natIP)?.natIP;
  return {
    id: `${zone}/${instance.name}`,
    name: instance.name,
    zone,
    resourceGroup: null,
    state: stateOf(instance.status ?? ''),
    privateAddress: privateAddress ?? null,
    publicAddress: publicAddress ?? null,
    labels: instance.labels ?? {},
    tags: instance.tags?.items ?? [],
  };
}

/** @see https://cloud.google.com/compute/docs/instances/instance-lifecycle */
function stateOf(status: string): CloudHost['state'] {
  switch (status) {
    case 'PROVISIONING':
    case 'STAGING':
      return 'provisioning';
    case 'RUNNING':
      return 'running';
    case 'REPAIRING':
      return 'unknown';
    case 'STOPPING':
    case 'SUSPENDING':
    case 'PENDING_STOP':
      return 'stopping';
    case 'TERMINATED':
    case 'STOPPED':
    case 'SUSPENDED':
    case 'DEPROVISIONING':
      return 'stopped';
    default:
      return 'unknown';
  }
}

/** `zones/us-central1-a` and whole URLs name a thing by their last part. */
export function lastPart(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
