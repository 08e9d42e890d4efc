/** Numbers from a seed, the same ones again for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rounds of a campaign and its seed: `CAMPAIGN_ROUNDS` and `CAMPAIGN_SEED`, else few and a new one. */
export function campaign(rounds: number): { readonly rounds: number; readonly seed: number } {
  return {
    rounds: Number(process.env.CAMPAIGN_ROUNDS ?? rounds),
    seed: Number(process.env.CAMPAIGN_SEED ?? Math.floor(Math.random() * 2 ** 31)),
  };
}
