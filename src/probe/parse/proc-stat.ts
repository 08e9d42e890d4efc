import { lineAfter, unsigned, words } from './numbers.ts';

/** Time spent since boot, clock ticks. Guest time is inside user and nice. */
export interface CpuTicks {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly softirq: number;
  readonly steal: number;
}

export interface ProcStat {
  readonly all: CpuTicks;
  /** By the number of the processor: one may be offline. */
  readonly cores: ReadonlyMap<number, CpuTicks>;
  /** Boot time, epoch seconds by the host's own clock. */
  readonly bootTimeS: number | null;
}

function ticks(fields: readonly string[]): CpuTicks | null {
  const numbers = fields.slice(0, 8).map((field) => unsigned(field));
  const [user, nice, system, idle] = numbers;
  if (user == null || nice == null || system == null || idle == null) return null;
  // Kernels before 2.6.11 print fewer fields; a field that is there must be a number.
  const later = [4, 5, 6, 7].map((index) => (index < numbers.length ? numbers[index] : 0));
  const [iowait, irq, softirq, steal] = later;
  if (iowait == null || irq == null || softirq == null || steal == null) return null;
  return { user, nice, system, idle, iowait, irq, softirq, steal };
}

/** /proc/stat; `null` when its first line is not understood. @see proc(5) */
export function parseProcStat(text: string): ProcStat | null {
  const cores = new Map<number, CpuTicks>();
  let all: CpuTicks | null = null;
  let at = 0;
  // The cpu lines come first; what follows is mostly one very long line of interrupts.
  while (text.startsWith('cpu', at)) {
    const end = text.indexOf('\n', at);
    const [name = '', ...fields] = words(text.slice(at, end === -1 ? text.length : end));
    const parsed = ticks(fields);
    const core = unsigned(name.slice(3));
    if (name === 'cpu') all = parsed;
    else if (core !== null && parsed !== null) cores.set(core, parsed);
    if (end === -1) break;
    at = end + 1;
  }
  if (all === null) return null;
  return { all, cores, bootTimeS: unsigned(lineAfter(text, 'btime ')?.trim()) };
}
