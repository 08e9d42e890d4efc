import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a client process reports of one piece of work. */
export interface Cost {
  /** User and system time of the client process, ms. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Resident memory at the end, MB. */
  readonly rssMb: number;
  /** The longest the event loop was held up, ms. */
  readonly blockedMs: number;
  /** How often the unit of work was done, e.g. polls of one host. */
  readonly count: number;
}

/** Measures this whole process while `work` runs; `work` says how many units it did. */
export async function measureCost(work: () => Promise<number>): Promise<Cost> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const count = await work();
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  return {
    cpuMs: (user + system) / 1000,
    wallMs,
    rssMb: process.memoryUsage.rss() / 1e6,
    // The histogram's own interval is part of every value.
    blockedMs: Math.max(0, delay.max / 1e6 - 5),
    count,
  };
}
