import pLimit, { type LimitFunction } from 'p-limit';

/** At most 8 logins at a time through one bastion, 5 to one address: sshd's default MaxStartups begins to drop at 10. */
const throughOneJump = 8;
const toOneAddress = 5;

/** Keeps logins that are under way at once within what the screen and the servers bear. */
export class HandshakeLimits {
  readonly #all: LimitFunction;
  readonly #gates = new Map<string, LimitFunction>();

  /** @param atOnce over the whole fleet; 16 to 32 keep the event loop under 100 ms and cost no wall time. */
  constructor(atOnce: number) {
    this.#all = pLimit(Math.max(1, atOnce));
  }

  /** Runs a login once both its gate and the fleet have room; the gate first, so that waiting for it takes no room from others. */
  run<Value>(gate: { readonly kind: 'jump' | 'address'; readonly id: string }, attempt: () => Promise<Value>): Promise<Value> {
    const id = `${gate.kind} ${gate.id}`;
    const limit = this.#gates.get(id) ?? pLimit(gate.kind === 'jump' ? throughOneJump : toOneAddress);
    this.#gates.set(id, limit);
    return limit(() => this.#all(attempt)).finally(() => {
      if (limit.activeCount === 0 && limit.pendingCount === 0) this.#gates.delete(id);
    });
  }
}

/** How often a login that the server dropped at the door is tried again. */
export const throttledTries = 9;

/** Pause before try `n` (1, 2, …) after a drop, ms: doubling to 4 s, with half to full jitter so that the dropped do not come back together. */
export function throttledPauseMs(n: number, random: () => number = Math.random): number {
  return Math.min(4_000, 150 * 2 ** n) * (0.5 + random() / 2);
}
