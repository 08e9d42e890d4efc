import type { CacheReading } from './memcached-stats.ts';

/**
 * What one check keeps from one round for the next, held by whoever asks it: the counters that rates are made of, and what is too dear
 * to be asked every time. A new one knows nothing.
 */
export interface CheckMemory {
  /** Counters of the round before. */
  cache: CacheReading | null;
  /** Size of a server's databases, bytes, `null` when it did not say; and when that was asked, epoch ms. */
  databases: { readonly bytes: number | null; readonly at: number } | null;
}

export function newCheckMemory(): CheckMemory {
  return { cache: null, databases: null };
}
