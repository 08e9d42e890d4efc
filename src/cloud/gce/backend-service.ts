import * as z from 'zod';
import { type CallTime, CloudCallError } from '../provider-calls.ts';
import type { Gce } from './gce.ts';
import { healthStatusSchema } from './health.ts';
import { readInstanceUrl } from './instance-url.ts';

const serviceSchema = z.object({
  connectionDraining: z.object({ drainingTimeoutSec: z.number().nullish() }).nullish(),
  sessionAffinity: z.string().nullish(),
});
const healthSchema = z.object({ healthStatus: z.array(healthStatusSchema).nullish() });

export interface BackendServiceReading {
  /** Health words by instance name. */
  readonly health: ReadonlyMap<string, readonly string[]>;
  readonly warnings: readonly string[];
}

/** What a backend service says of the members of one group. A failure leaves health unknown and is told as a warning. */
export async function readBackendService(gce: Gce, backendService: string, group: string, time: CallTime): Promise<BackendServiceReading> {
  const place = { project: gce.project, backendService };
  try {
    const [[service], [answer]] = await Promise.all([
      gce.ask(gce.asked(`read backend service ${backendService}`), time, async (options) =>
        (await gce.read.backendServices()).get(place, options),
      ),
      gce.ask(gce.asked(`read the health of backend service ${backendService}`), time, async (options) =>
        (await gce.read.backendServices()).getHealth({ ...place, resourceGroupReferenceResource: { group } }, options),
      ),
    ]);
    return { health: byInstance(answer), warnings: warningsOf(service, backendService) };
  } catch (error) {
    if (!(error instanceof CloudCallError)) throw error;
    return { health: new Map(), warnings: [error.message] };
  }
}

function byInstance(answer: unknown): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { instance, healthState } of healthSchema.parse(answer).healthStatus ?? []) {
    if (!instance) continue;
    const { name } = readInstanceUrl(instance);
    found.set(name, [...(found.get(name) ?? []), healthState ?? '']);
  }
  return found;
}

function warningsOf(answer: unknown, name: string): string[] {
  const { connectionDraining, sessionAffinity } = serviceSchema.parse(answer);
  const warnings: string[] = [];
  if (!connectionDraining?.drainingTimeoutSec) {
    warnings.push(`backend service ${name} has no connection draining: requests under way are cut when a member leaves`);
  }
  if (sessionAffinity && sessionAffinity !== 'NONE') warnings.push(`clients are bound to members by ${sessionAffinity}`);
  return warnings;
}
