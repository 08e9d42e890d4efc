/** A seeded generator (mulberry32): the same seed gives the same fleet. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mix(this.#state);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string {
    let out = '';
    while (out.length < digits) out += Math.floor(this.next() * 16).toString(16);
    return out;
  }

  /** A random version 4 UUID, as /proc/sys/kernel/random/boot_id prints it. */
  uuid(): string {
    const hex = this.hex(30);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18)}`;
  }
}

function mix(value: number): number {
  let t = Math.imul(value ^ (value >>> 15), value | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** A number in [0, 1) that depends only on its two arguments. */
export function hash01(seed: number, index: number): number {
  return mix((Math.imul(seed | 1, 0x9e3779b1) + Math.imul(index | 0, 0x85ebca6b) + 0x6d2b79f5) >>> 0);
}

/** Smooth noise in [-1, 1] over `x`, one independent value per whole number. */
export function noise(seed: number, x: number): number {
  const left = Math.floor(x);
  const part = x - left;
  const ease = part * part * (3 - 2 * part);
  return (hash01(seed, left) * (1 - ease) + hash01(seed, left + 1) * ease) * 2 - 1;
}

/** How busy people keep a machine, about −1 to 1, at `seconds`: a few slow waves with a rough surface. */
export function breathing(seed: number, seconds: number): number {
  const phase = hash01(seed, 7) * 1000;
  const t = seconds + phase;
  return (
    0.4 * Math.sin((2 * Math.PI * t) / 47) +
    0.3 * Math.sin((2 * Math.PI * t) / 131) +
    0.2 * Math.sin((2 * Math.PI * t) / 613) +
    0.25 * noise(seed, t / 4)
  );
}
