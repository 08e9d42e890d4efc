import { type Health, worse } from '../fleet/health.ts';

/** Hosts by state; `maintenance` and `stopped` count as ok, as in exit codes. */
export function countHealth(states: readonly Health[]): { ok: number; warn: number; crit: number; unknown: number } {
  const counts = { ok: 0, warn: 0, crit: 0, unknown: 0 };
  for (const state of states) {
    if (state === 'maintenance' || state === 'stopped') counts.ok += 1;
    else counts[state] += 1;
  }
  return counts;
}

/** Exit code of `status`: 0 ok, 1 warn, 2 crit, 3 unknown; the worst wins in the order crit, unknown, warn, ok. No state at all is unknown. */
export function worstExit(states: readonly Health[]): 0 | 1 | 2 | 3 {
  if (states.length === 0) return 3;
  switch (states.reduce(worse)) {
    case 'crit':
      return 2;
    case 'unknown':
      return 3;
    case 'warn':
      return 1;
    case 'ok':
    case 'maintenance':
    case 'stopped':
      return 0;
  }
}
