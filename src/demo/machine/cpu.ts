/** Shares of one second of all cores, each 0–1; what is left is idle. */
export interface CpuShares {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly iowait: number;
  readonly softirq: number;
  readonly steal: number;
}

/** Clock ticks a second that /proc counts in (`getconf CLK_TCK`). */
export const ticksPerSecond = 100;

/** Jiffies of one core, in the order of /proc/stat. */
export interface CoreJiffies {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait: number;
  softirq: number;
  steal: number;
}

/** Tick counters of the cores; they only grow. */
export class CpuCounters {
  readonly cores: readonly CoreJiffies[];

  constructor(cores: number) {
    this.cores = Array.from({ length: cores }, () => ({ user: 0, nice: 0, system: 0, idle: 0, iowait: 0, softirq: 0, steal: 0 }));
  }

  /** Lets `seconds` pass at these shares; `tilt` (−1 to 1) moves a part of the work from the even to the odd cores. */
  advance(seconds: number, shares: CpuShares, tilt = 0): void {
    const ticks = seconds * ticksPerSecond;
    this.cores.forEach((core, index) => {
      const busy = shares.user + shares.nice + shares.system + shares.iowait + shares.softirq + shares.steal;
      const room = busy > 0 ? Math.min(1 / busy - 1, 1) : 0;
      const lean = 1 + Math.max(-1, Math.min(1, tilt)) * Math.max(0, Math.min(room, 0.5)) * (index % 2 === 0 ? 1 : -1);
      const scale = this.cores.length === 1 ? 1 : lean;
      core.user += ticks * shares.user * scale;
      core.nice += ticks * shares.nice * scale;
      core.system += ticks * shares.system * scale;
      core.iowait += ticks * shares.iowait * scale;
      core.softirq += ticks * shares.softirq * scale;
      core.steal += ticks * shares.steal * scale;
      core.idle += ticks * Math.max(0, 1 - busy * scale);
    });
  }

  /** Seconds all cores together were idle: the second number of /proc/uptime. */
  idleSeconds(): number {
    return this.cores.reduce((sum, core) => sum + core.idle, 0) / ticksPerSecond;
  }
}
