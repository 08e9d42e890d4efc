import type { MemorySample } from '../../fleet/sample.ts';
import { intervalS, rate } from '../interval.ts';
import type { Measured } from '../measured.ts';

/** Per cent of `total` that is not `left`; `null` for a total of 0 or a remainder larger than it. */
function usedPct(total: number | null, left: number | null): number | null {
  return total === null || left === null || total <= 0 || left > total ? null : (100 * (total - left)) / total;
}

/** Used memory is what is not available without swapping (MemAvailable). A host without swap has a total of 0 and no used share. */
export function memorySample(previous: Measured | null, now: Measured): MemorySample | null {
  const memory = now.memory;
  if (memory === null) return null;
  const seconds = intervalS(previous, now);
  return {
    totalBytes: memory.totalBytes,
    availableBytes: memory.availableBytes,
    usedPct: usedPct(memory.totalBytes, memory.availableBytes),
    swapTotalBytes: memory.swapTotalBytes,
    swapUsedPct: usedPct(memory.swapTotalBytes, memory.swapFreeBytes),
    swapInPerS: rate(previous?.vmstat?.swapIn, now.vmstat?.swapIn, seconds),
    swapOutPerS: rate(previous?.vmstat?.swapOut, now.vmstat?.swapOut, seconds),
  };
}
