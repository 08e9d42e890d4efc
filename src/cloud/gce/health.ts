import * as z from 'zod';
import type { CloudPoolMember } from '../calls.ts';

/** What Google says of the health of one backend; `null` fields and unknown words count as unknown. */
export const healthStatusSchema = z.object({
  instance: z.string().nullish(),
  ipAddress: z.string().nullish(),
  port: z.number().nullish(),
  healthState: z.string().nullish(),
});

/** Several answers about one backend (one a forwarding rule, port or service): up only when all are. DRAINING tells nothing of health. */
export function healthOf(states: readonly string[]): Pick<CloudPoolMember, 'health' | 'text'> {
  const known = states.filter((state) => state !== '');
  const text = known.length === 0 ? null : [...new Set(known)].join(', ');
  if (known.some((state) => state === 'UNHEALTHY' || state === 'TIMEOUT')) return { health: 'down', text };
  return { health: known.length > 0 && known.every((state) => state === 'HEALTHY') ? 'up' : 'unknown', text };
}
