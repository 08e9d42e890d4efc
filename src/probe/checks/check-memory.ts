import type { CheckSpec } from '../../fleet/definition.ts';
import type { CacheReading } from './memcached-stats.ts';

/**
 * What one check keeps from one round for the next, held by whoever asks it: the counters that rates are made of, and what is too dear
 * to be asked every time. A new one knows nothing.
 */
export interface CheckMemory {
  /** Counters of the last two rounds that were asked in their turn, oldest first. */
  cache: readonly CacheReading[];
  /** Size of a server's databases, bytes, `null` when it did not say; and when that was asked, epoch ms. */
  databases: { readonly bytes: number | null; readonly at: number } | null;
}

export function newCheckMemory(): CheckMemory {
  return { cache: [], databases: null };
}

/** Whether a check tells nothing of what matters before its second round. */
export function tellsRates(spec: CheckSpec): boolean {
  return spec.kind === 'memcached';
}
