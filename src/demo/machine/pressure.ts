import { drawn } from './load-average.ts';

/** One line of a /proc/pressure file. */
export class Stall {
  avg10 = 0;
  avg60 = 0;
  avg300 = 0;
  totalUs = 0;

  /** Lets `seconds` pass with tasks stalled for `share` (0–1) of them. */
  advance(seconds: number, share: number): void {
    const pct = Math.max(0, Math.min(1, share)) * 100;
    this.avg10 = drawn(this.avg10, pct, seconds, 10);
    this.avg60 = drawn(this.avg60, pct, seconds, 60);
    this.avg300 = drawn(this.avg300, pct, seconds, 300);
    this.totalUs += seconds * 1e6 * (pct / 100);
  }
}

export interface StallShares {
  readonly cpuSome: number;
  readonly ioSome: number;
  readonly ioFull: number;
  readonly memorySome: number;
  readonly memoryFull: number;
}

/** Pressure stall information of one machine (Documentation/accounting/psi.rst). */
export class Pressure {
  readonly cpu = { some: new Stall(), full: new Stall() };
  readonly io = { some: new Stall(), full: new Stall() };
  readonly memory = { some: new Stall(), full: new Stall() };

  advance(seconds: number, shares: StallShares): void {
    this.cpu.some.advance(seconds, shares.cpuSome);
    this.cpu.full.advance(seconds, 0);
    this.io.some.advance(seconds, shares.ioSome);
    this.io.full.advance(seconds, shares.ioFull);
    this.memory.some.advance(seconds, shares.memorySome);
    this.memory.full.advance(seconds, shares.memoryFull);
  }
}
