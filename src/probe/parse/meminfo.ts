import { lineAfter, unsigned } from './numbers.ts';

/** All bytes. */
export interface Meminfo {
  readonly totalBytes: number | null;
  readonly availableBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapFreeBytes: number | null;
}

/**
 * /proc/meminfo. Kernels before 3.14 have no MemAvailable: free memory and caches less shared memory stand in, as `free` did then.
 * @see proc(5)
 */
export function parseMeminfo(text: string): Meminfo {
  const bytes = (key: string): number | null => {
    const line = lineAfter(text, `${key}:`);
    if (line === null || !line.endsWith(' kB')) return null;
    const kilobytes = unsigned(line.slice(0, -3).trim());
    return kilobytes === null ? null : kilobytes * 1024;
  };
  const free = bytes('MemFree');
  const cached = bytes('Cached');
  const estimate = free === null || cached === null ? null : Math.max(0, free + cached + (bytes('Buffers') ?? 0) - (bytes('Shmem') ?? 0));
  const hasAvailable = lineAfter(text, 'MemAvailable:') !== null;
  return {
    totalBytes: bytes('MemTotal'),
    availableBytes: hasAvailable ? bytes('MemAvailable') : estimate,
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  };
}
