import { lineAfter, unsigned } from './numbers.ts';

/** Counters since boot. */
export interface Vmstat {
  /** Pages. */
  readonly swapIn: number | null;
  readonly swapOut: number | null;
  /** Processes killed for want of memory; kernels before 4.13 do not count them. */
  readonly oomKills: number | null;
}

/** The three lines of /proc/vmstat that are used. */
export function parseVmstat(text: string): Vmstat {
  return {
    swapIn: unsigned(lineAfter(text, 'pswpin ')?.trim()),
    swapOut: unsigned(lineAfter(text, 'pswpout ')?.trim()),
    oomKills: unsigned(lineAfter(text, 'oom_kill ')?.trim()),
  };
}
