/** Time as the simulated machines feel it. */
export interface DemoClock {
  /** Epoch ms. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function calls it off. */
  after(delayMs: number, task: () => void): () => void;
  /** Calls everything off, so that nothing keeps the process alive. */
  stop(): void;
}

/** The wall clock and Node's timers. */
export function wallClock(): DemoClock {
  const pending = new Set<NodeJS.Timeout>();
  return {
    now: () => Date.now(),
    after(delayMs, task) {
      const timer = setTimeout(() => {
        pending.delete(timer);
        task();
      }, delayMs);
      pending.add(timer);
      return () => {
        pending.delete(timer);
        clearTimeout(timer);
      };
    },
    stop() {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
}
