/** Time as the poller sees it, passed in so that a test can own it. */
export interface Clock {
  /** Epoch ms, for display and records. */
  wallMs(): number;
  /** Monotonic ms, for durations and deadlines. */
  monoMs(): number;
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
};
