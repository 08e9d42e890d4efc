/** The kernel's three exponentially damped averages of running and uninterruptible tasks (kernel/sched/loadavg.c). */
export class LoadAverage {
  one: number;
  five: number;
  fifteen: number;

  constructor(active: number) {
    this.one = active;
    this.five = active;
    this.fifteen = active;
  }

  advance(seconds: number, active: number): void {
    this.one = drawn(this.one, active, seconds, 60);
    this.five = drawn(this.five, active, seconds, 300);
    this.fifteen = drawn(this.fifteen, active, seconds, 900);
  }
}

/** `value` pulled towards `target` for `seconds` with a time constant of `constantS`. */
export function drawn(value: number, target: number, seconds: number, constantS: number): number {
  return target + (value - target) * Math.exp(-seconds / constantS);
}
