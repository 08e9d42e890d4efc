import type { CpuSample } from '../../fleet/sample.ts';
import { intervalS } from '../interval.ts';
import type { Measured } from '../measured.ts';
import type { CpuTicks } from '../parse/proc-stat.ts';

interface Shares {
  readonly usedPct: number;
  readonly iowaitPct: number;
  readonly stealPct: number;
}

/** Shares of the ticks between two readings; `null` when none passed or a counter was reset. */
function shares(before: CpuTicks | undefined, after: CpuTicks | undefined): Shares | null {
  if (before === undefined || after === undefined) return null;
  const busy = [
    after.user - before.user,
    after.nice - before.nice,
    after.system - before.system,
    after.irq - before.irq,
    after.softirq - before.softirq,
  ];
  const steal = after.steal - before.steal;
  if (steal < 0 || busy.some((by) => by < 0)) return null;
  // proc(5): idle and iowait may go backwards a little on their own.
  const idle = Math.max(0, after.idle - before.idle);
  const iowait = Math.max(0, after.iowait - before.iowait);
  const used = busy.reduce((sum, by) => sum + by, 0);
  const total = used + steal + idle + iowait;
  if (total <= 0) return null;
  return { usedPct: (100 * used) / total, iowaitPct: (100 * iowait) / total, stealPct: (100 * steal) / total };
}

/** Used is time spent on work of this machine: neither idle, nor waiting for I/O, nor stolen by the hypervisor. */
export function cpuSample(previous: Measured | null, now: Measured): CpuSample | null {
  if (now.stat === null && now.load === null) return null;
  const before = intervalS(previous, now) === null ? null : (previous?.stat ?? null);
  const all = shares(before?.all, now.stat?.all);
  const cores = now.stat === null ? [] : [...now.stat.cores].sort(([a], [b]) => a - b);
  return {
    usedPct: all?.usedPct ?? null,
    iowaitPct: all?.iowaitPct ?? null,
    stealPct: all?.stealPct ?? null,
    load1: now.load?.load1 ?? null,
    load5: now.load?.load5 ?? null,
    load15: now.load?.load15 ?? null,
    cores: cores.length > 0 ? cores.length : null,
    perCorePct: cores.map(([core, ticks]) => shares(before?.cores.get(core), ticks)?.usedPct ?? null),
  };
}
